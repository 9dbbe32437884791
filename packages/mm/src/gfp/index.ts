export { annotateGfpLine } from './annotate.ts';
export { annotateGfpStream, GfpAnnotator } from './annotator.ts';
export type { GfpScopeStep, GfpScopes } from './context.ts';
export { currentGfpContext, explainGfpContext } from './context.ts';
export type { DescribeGfpOptions, GfpDescription, GfpReading } from './describe.ts';
export { describeGfp, renderGfp } from './describe.ts';
export type { GfpErrorCode } from './errors.ts';
export { GfpError } from './errors.ts';
export type { ExplainGfpOptions, GfpExplanation, GfpFlagFact, GfpPermissions } from './explain.ts';
export { explainGfp } from './explain.ts';
export type { GfpOccurrence } from './find.ts';
export { findGfp } from './find.ts';
export type { FormatGfpOptions, GfpStyle } from './format.ts';
export { formatGfp, hexGfp } from './format.ts';
export type { GfpGuess, GfpGuesses } from './guess.ts';
export { guessKernel } from './guess.ts';
export type { GfpConfig, GfpLayout, GfpLayoutConfig, GfpOptions, GfpPrinterEntry } from './layout.ts';
export { gfpLayout, gfpLayoutIds } from './layout.ts';
export { gfp } from './mask.ts';
export type { AnnotateGfpOptions } from './notes.ts';
export type { ParsedGfp } from './parse.ts';
export { parseGfp } from './parse.ts';
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
