export type { GfpScopeStep, GfpScopes } from './context.ts';
export { currentGfpContext, explainGfpContext } from './context.ts';
export type { GfpErrorCode } from './errors.ts';
export { GfpError } from './errors.ts';
export type { FormatGfpOptions, GfpStyle } from './format.ts';
export { formatGfp, hexGfp } from './format.ts';
export type { GfpConfig, GfpLayout, GfpLayoutConfig, GfpOptions, GfpPrinterEntry } from './layout.ts';
export { gfpLayout, gfpLayoutIds } from './layout.ts';
export { gfp } from './mask.ts';
export type { GfpLockdepReclaim } from './predicates.ts';
export {
  hasNolockdep,
  lockdepReclaim,
  mayBlock,
  mayDoIo,
  mayEnterFs,
  mayInvokeOomKiller,
  mayUseAllReserves,
  mustNotFail,
  wakesKswapd,
} from './predicates.ts';
export { gfpSeries } from './release.ts';
