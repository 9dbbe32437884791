/** A mask as it stands in a text: where, and its two halves as far as they are there. */
export interface GfpOccurrence {
  /** Offset of the first character of the value, `0x40dc0(GFP_KERNEL)` for example. */
  readonly start: number;
  /** Offset behind its last character. */
  readonly end: number;
  /** The number, with its `0x`. */
  readonly hex?: string;
  /** The names as printed; the empty text in `0x0()`. */
  readonly names?: string;
}

/** What announces a mask in a log. The needle is looked for first; `value` says where, and whether, the value begins. */
interface Announcement {
  readonly needle: string;
  readonly value: (text: string, at: number) => number;
}

/**
 * How far before a needle an announcement may look. A caller that cuts a stream in pieces keeps this much of what it
 * has already passed on.
 */
export const LOOK_BEHIND = 160;
/** Longest value that is looked at; the longest that a kernel can print is about 700 characters. */
export const LONGEST_VALUE = 1024;
/** Longest text from a needle to the start of its value. */
export const LONGEST_LEAD = 48;

const ANNOUNCEMENTS: readonly Announcement[] = [
  // gfp_mask=, gfp_flags=, gfp=, gfp_mask 0x…, gfp_flags GFP_…, gfp: 0x…
  { needle: 'gfp', value: afterGfp },
  // Allocation failures (`order:0, mode:`, `…failed, mode:`) and xfs (`in kmem_alloc (mode:`); drivers have modes too.
  { needle: 'mode:0x', value: afterMode },
  // page_owner of 4.4 and 4.5: `Page allocated via order 0, mask 0x24200ca`.
  { needle: ', mask 0x', value: afterMask },
  // DMA pools: `DMA: preallocated 256 KiB GFP_KERNEL|GFP_DMA pool for atomic allocations`.
  { needle: 'DMA: preallocated ', value: afterPreallocated },
];

/** The needles, for whoever looks for them by other means. */
export const NEEDLES: readonly string[] = ANNOUNCEMENTS.map((announcement) => announcement.needle);

/** Where the value of a needle found at `at` begins; -1 if the needle announces nothing here. */
export function valueAt(needle: number, text: string, at: number): number {
  return (ANNOUNCEMENTS[needle] as Announcement).value(text, at);
}

function afterGfp(text: string, at: number): number {
  // At most what `_flags` takes; written out because it runs for every event of a trace.
  let next = at + 3;
  for (let code = text.charCodeAt(next); next < at + 9 && isSmall(code); code = text.charCodeAt(next)) next++;
  const separator = text.charCodeAt(next);
  // A note of this filter itself, `{gfp: 0xcc0 …`.
  if (separator === 0x3a && text.charCodeAt(at - 1) === 0x7b) return -1;
  if (separator === 0x3d || separator === 0x20) return next + 1;
  return separator === 0x3a && text.charCodeAt(next + 1) === 0x20 ? next + 2 : -1;
}

function isSmall(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || code === 0x5f;
}

function afterMode(text: string, at: number): number {
  const value = at + 'mode:'.length;
  const before = text.slice(Math.max(0, at - LOOK_BEHIND), at);
  return /order:\d+, $|fail[a-z]*,? $|allocation deadlock[^\n]*\($/.test(before) ||
    /^0x[0-9a-f]+\(/.test(text.slice(value, value + 16))
    ? value
    : -1;
}

function afterMask(text: string, at: number): number {
  const before = text.slice(Math.max(0, at - LONGEST_LEAD), at);
  return /Page allocated via order \d+$/.test(before) ? at + ', mask '.length : -1;
}

function afterPreallocated(text: string, at: number): number {
  const match = /^DMA: preallocated \d+ KiB /.exec(text.slice(at, at + LONGEST_LEAD));
  return match === null ? -1 : at + match[0].length;
}

/** Characters that a printed list of names, or a number, is made of. */
const LIST = new Uint8Array(256);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_|')
  LIST[character.charCodeAt(0)] = 1;

/** Whether a character, or the end of the text, ends a list of names. */
export function isListEnd(code: number | undefined): boolean {
  return code === undefined || LIST[code] !== 1;
}

/** First offset from `at` on whose character is not part of a list of names; stops behind `LONGEST_VALUE`. */
export function endOfList(text: string, at: number): number {
  const last = at + LONGEST_VALUE + 1;
  let end = at;
  while (end < last && LIST[text.charCodeAt(end)] === 1) end++;
  return end;
}

/**
 * Offset behind the value that starts at `at`: number, number with names, or names. `at` itself if there is none.
 * Does not look past `LONGEST_VALUE`.
 */
export function endOfValue(text: string, at: number): number {
  const end = endOfList(text, at);
  if (end === at || end - at > LONGEST_VALUE) return at;
  if (!text.startsWith('0x', at)) return end;
  const open = text.charCodeAt(end) === 0x20 ? end + 1 : end;
  if (text.charCodeAt(open) !== 0x28) return end;
  const close = endOfList(text, open + 1);
  return text.charCodeAt(close) === 0x29 && close - at <= LONGEST_VALUE ? close + 1 : end;
}

/** Splits a value, found by `endOfValue`, in its halves; undefined if it is no mask after all (`gfp=3`, `gfp_mask=foo`). */
export function splitValue(value: string): Pick<GfpOccurrence, 'hex' | 'names'> | undefined {
  const match = /^(0x[0-9a-f]{1,8})(?: ?\(([^)]*)\))?$/.exec(value);
  if (match !== null) {
    const [, hex, names] = match as unknown as [string, string, string | undefined];
    return names === undefined ? { hex } : { hex, names };
  }
  return /^(none|(__)?GFP_[A-Z0-9_]+(\|(0x[0-9a-f]{1,8}|(__)?GFP_[A-Z0-9_]+))*)$/.test(value)
    ? { names: value }
    : undefined;
}

/** All masks of a text, in order: page allocation failures, OOM reports, tracepoints, xfs, slab, page_owner. */
export function findGfp(text: string): readonly GfpOccurrence[] {
  const found: GfpOccurrence[] = [];
  for (let from = 0; ; ) {
    let at = -1;
    let which = -1;
    for (let needle = 0; needle < NEEDLES.length; needle++) {
      const hit = text.indexOf(NEEDLES[needle] as string, from);
      if (hit >= 0 && (at < 0 || hit < at)) {
        at = hit;
        which = needle;
      }
    }
    if (at < 0) return found;
    from = at + 1;
    const start = valueAt(which, text, at);
    if (start < 0) continue;
    const end = endOfValue(text, start);
    const halves = splitValue(text.slice(start, end));
    if (halves === undefined) continue;
    found.push({ start, end, ...halves });
    from = end;
  }
}
