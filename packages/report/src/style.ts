/** What may be drawn on the terminal at hand. */
export interface TerminalStyle {
  /** Columns; long lines wrap here. */
  readonly width: number;
  readonly colour: boolean;
  /** The terminal shows box-drawing characters. */
  readonly unicode: boolean;
}

/** Wide enough for the table of one filesystem, and what a pipe gets. */
export const plainStyle: TerminalStyle = { width: 100, colour: false, unicode: true };

/** What `terminalStyle` asks of a stream; `process.stdout` fits. */
export interface StreamFacts {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/**
 * Colours only on a terminal, never with NO_COLOR (any value but the empty one) or TERM=dumb. Line drawing unless the
 * locale says that the terminal cannot.
 */
export function terminalStyle(stream: StreamFacts, env: Readonly<Record<string, string | undefined>>): TerminalStyle {
  const noColour = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  const columns = stream.columns ?? plainStyle.width;
  return {
    width: stream.isTTY === true ? Math.max(40, columns) : plainStyle.width,
    colour: stream.isTTY === true && !noColour,
    unicode: locale === '' ? stream.isTTY !== true : /utf-?8/i.test(locale),
  };
}

export type Paint = 'red' | 'green' | 'yellow' | 'magenta' | 'cyan' | 'bold' | 'dim';

const codes: Readonly<Record<Paint, readonly [number, number]>> = {
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  magenta: [35, 39],
  cyan: [36, 39],
  bold: [1, 22],
  dim: [2, 22],
};

/** Colours text that is already safe to print. */
export function paint(style: TerminalStyle, text: string, ...how: readonly Paint[]): string {
  if (!style.colour) return text;
  return how.reduce((inner, name) => `\u001b[${codes[name][0]}m${inner}\u001b[${codes[name][1]}m`, text);
}

/** Line drawing for a terminal, or its ASCII stand-in. */
export interface Glyphs {
  readonly bar: string;
  readonly line: string;
  readonly cross: string;
  readonly arrow: string;
  readonly from: string;
  readonly wait: string;
  readonly none: string;
}

export function glyphs(style: TerminalStyle): Glyphs {
  return style.unicode
    ? { bar: '│', line: '─', cross: '┼', arrow: '→', from: '←', wait: '■', none: '·' }
    : { bar: '|', line: '-', cross: '+', arrow: '->', from: '<-', wait: '#', none: '.' };
}
