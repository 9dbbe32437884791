/** One `%…` of a format string. */
export interface Conversion {
  readonly flags: string;
  /** `*` when an argument gives it; undefined when absent. */
  readonly width: number | '*' | undefined;
  readonly precision: number | '*' | undefined;
  /** -2 for `hh`, -1 for `h`, 0, 1 for `l` and `z`, 2 for `ll` and `L`. */
  readonly length: number;
  /** `d`, `u`, `x`, `s`, `p` … */
  readonly letter: string;
  /** What follows a `p`: `S`, `s`, `M`, `I4`, … */
  readonly suffix: string;
}

/** A format string in pieces: literal text and conversions, in their order. */
export type Piece = { readonly text: string } | { readonly conversion: Conversion };

const pattern = /%(?:%|([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?(hh|h|ll|l|L|z|Z|t|j|q)?([a-zA-Z]))/g;
const pointerSuffix = /^(?:[SsFfB]R?b?|[mM][RF]?|[Ii](?:4[hnbl]?|6c?|S[pfsc46]*)|U[bBlL]?|h[CDN]?|d|D|E|K|x|[ek]?)/;

/** Cuts a format string into pieces. What is no conversion stays text. */
export function parseFormat(format: string): Piece[] {
  const pieces: Piece[] = [];
  let text = '';
  let at = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(format); match !== null; match = pattern.exec(format)) {
    text += format.slice(at, match.index);
    at = pattern.lastIndex;
    if (match[5] === undefined) {
      text += '%';
      continue;
    }
    if (text !== '') pieces.push({ text });
    text = '';
    const letter = match[5];
    let suffix = '';
    if (letter === 'p') {
      suffix = pointerSuffix.exec(format.slice(at))?.[0] ?? '';
      at += suffix.length;
      pattern.lastIndex = at;
    }
    const precision = match[0].includes('.') ? numberOrStar(match[3] ?? '0') : undefined;
    pieces.push({
      conversion: {
        flags: match[1] ?? '',
        width: match[2] === undefined ? undefined : numberOrStar(match[2]),
        precision,
        length: lengthOf(match[4] ?? ''),
        letter,
        suffix,
      },
    });
  }
  text += format.slice(at);
  if (text !== '') pieces.push({ text });
  return pieces;
}

function numberOrStar(text: string): number | '*' {
  // No line is wider: a damaged width must not become memory.
  return text === '*' ? '*' : Math.min(Number(text), 4096);
}

function lengthOf(text: string): number {
  switch (text) {
    case 'hh':
      return -2;
    case 'h':
      return -1;
    case '':
      return 0;
    case 'l':
    case 'z':
    case 'Z':
    case 't':
      return 1;
    default:
      return 2;
  }
}

const bitsByLength = [8, 16, 32, 64, 64];

/** Formats an unsigned 64-bit value as C's printf would after the conversion's cast. */
export function formatInteger(value: bigint, conversion: Conversion, width?: number, precision?: number): string {
  const bits = bitsByLength[conversion.length + 2] ?? 64;
  const { letter, flags } = conversion;
  if (letter === 'c') return pad(String.fromCharCode(Number(value & 0xffn)), flags, width);
  let digits: string;
  let sign = '';
  if (letter === 'd' || letter === 'i') {
    const signed = BigInt.asIntN(bits, value);
    digits = (signed < 0n ? -signed : signed).toString();
    sign = signed < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  } else {
    const unsigned = BigInt.asUintN(bits, value);
    if (letter === 'x' || letter === 'X') {
      digits = unsigned.toString(16);
      if (flags.includes('#') && unsigned !== 0n) sign = '0x';
      if (letter === 'X') {
        digits = digits.toUpperCase();
        sign = sign.toUpperCase();
      }
    } else if (letter === 'o') {
      digits = unsigned.toString(8);
      if (flags.includes('#') && unsigned !== 0n) sign = '0';
    } else {
      digits = unsigned.toString();
    }
  }
  if (precision !== undefined) digits = digits.padStart(precision, '0');
  else if (flags.includes('0') && !flags.includes('-') && width !== undefined) {
    digits = digits.padStart(width - sign.length, '0');
  }
  return pad(sign + digits, flags, width);
}

/** Formats text as `%s` would: cut to the precision, filled to the width. */
export function formatText(text: string, flags: string, width?: number, precision?: number): string {
  return pad(precision !== undefined && precision >= 0 ? text.slice(0, precision) : text, flags, width);
}

function pad(text: string, flags: string, width: number | undefined): string {
  if (width === undefined || text.length >= width) return text;
  return flags.includes('-') ? text.padEnd(width) : text.padStart(width);
}
