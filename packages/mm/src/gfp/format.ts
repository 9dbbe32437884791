import type { GfpLayout, GfpOptions } from './layout.ts';
import { settle } from './settle.ts';

/** Who prints: `printk` is `%pGg` in the log (4.6 on), `trace` is an ftrace event. They differ for 0, and before 4.6. */
export type GfpStyle = 'printk' | 'trace';

export interface FormatGfpOptions extends GfpOptions {
  /** `printk` unless said otherwise; before 4.6, where printk knows no names, `trace`. */
  readonly style?: GfpStyle;
}

/**
 * Prints a mask as that release does: names in its order, what is left over in hex. 0 is the empty text in printk,
 * and `none` (before 4.6 `GFP_NOWAIT`) in a trace. With style `printk` before 4.6 the result is hex.
 * Source: include/trace/events/mmflags.h, lib/vsprintf.c.
 * @throws GfpError `GFP_KERNEL_UNKNOWN`, `GFP_KERNEL_AMBIGUOUS`, `GFP_MASK_INVALID`
 */
export function formatGfp(mask: number, options: FormatGfpOptions): string {
  return settle(mask, options, 'the text', (layout) => formatInLayout(mask, layout, options.style));
}

/** Prints a mask by one layout. */
export function formatInLayout(mask: number, layout: GfpLayout, style?: GfpStyle): string {
  if (style === 'printk' && !layout.printkNames) return hexGfp(mask);
  if (mask === 0) return style === 'trace' || !layout.printkNames ? layout.traceZero : '';
  const names: string[] = [];
  let rest = mask;
  for (const entry of layout.printer) {
    if ((rest & entry.mask) >>> 0 !== entry.mask) continue;
    names.push(entry.name);
    rest = (rest & ~entry.mask) >>> 0;
    if (rest === 0) break;
  }
  if (rest !== 0) names.push(hexGfp(rest));
  return names.join('|');
}

/** A mask as the kernel's `%#x` prints it: lower case, `0x0` for 0. */
export function hexGfp(mask: number): string {
  return `0x${(mask >>> 0).toString(16)}`;
}
