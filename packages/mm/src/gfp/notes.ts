import { GfpError } from './errors.ts';
import { isListEnd, LOOK_BEHIND } from './find.ts';
import type { GfpConfig } from './layout.ts';
import { anySeries, type GfpOrigin, type HexEra, narrow, noteFor } from './reading.ts';
import { gfpRelease } from './release.ts';

export interface AnnotateGfpOptions {
  /**
   * The release that wrote the log. Without it a `Linux version` line in the log decides, and until there is one, what
   * the log's own pairs of number and names leave possible.
   */
  readonly kernel?: string;
  readonly config?: GfpConfig;
}

/** How every note begins; a mask that has one already is left alone. */
export const NOTE = '{gfp: ';
/** Announces the release in a log. */
export const BANNER = 'Linux version ';
/** Notes are kept per text of a mask; a log has few different ones, and a damaged log must not fill the memory. */
const MOST_NOTES = 4096;
/** Places for texts seen lately; a power of two. */
const SLOTS = 1024;

/** The place of a text, from a few characters at which masks differ. */
function slotOf(a = 0, b = 0, c = 0): number {
  return (a + 7 * b + 61 * c) & (SLOTS - 1);
}

/** A mask's text and the note that belongs behind it, as bytes. */
export interface SeenMask {
  readonly value: Uint8Array;
  readonly note: Uint8Array;
}

/** Whether a note stands at an offset already. */
export function hasNote(text: string, at: number): boolean {
  return text.charCodeAt(at) === 0x7b && text.startsWith(NOTE, at);
}

/** The notes for the masks of one log, and what is known of its kernel. */
export class Notes {
  private origin: GfpOrigin;
  private readonly fixed: boolean;
  private readonly slots = new Array<SeenMask | undefined>(SLOTS).fill(undefined);
  private readonly known = new Map<string, string | undefined>();

  constructor(options: AnnotateGfpOptions) {
    if (options.kernel !== undefined) gfpRelease(options.kernel);
    this.fixed = options.kernel !== undefined;
    this.origin = {
      ...(options.kernel === undefined ? {} : { kernel: options.kernel }),
      ...(options.config === undefined ? {} : { config: options.config }),
      series: options.kernel === undefined ? anySeries() : [],
    };
  }

  /**
   * The mask at `start` if its text was seen before: most masks of a trace repeat one of a few texts, and comparing is
   * quicker than reading. A few bytes choose the text to compare with.
   */
  seen(bytes: Uint8Array, start: number): SeenMask | undefined {
    const slot = this.slots[slotOf(bytes[start + 5], bytes[start + 11], bytes[start + 19])];
    if (slot === undefined) return undefined;
    const { value } = slot;
    for (let i = 0; i < value.length; i++) if (bytes[start + i] !== value[i]) return undefined;
    return isListEnd(bytes[start + value.length]) ? slot : undefined;
  }

  /** The note for the value at `start`, or undefined for no mask and for one that has its note. */
  get(text: string, start: number, end: number): string | undefined {
    const value = text.slice(start, end);
    const bareHex = text.charCodeAt(start) === 0x30 && text.charCodeAt(end - 1) !== 0x29;
    if (bareHex && this.origin.kernel === undefined) return this.bareHex(value, text, start, end);
    let note = this.known.get(value);
    if (note === undefined && !this.known.has(value)) {
      this.learn(value);
      note = this.remember(value, noteFor(value, this.origin, '4.5'));
    }
    // A bare number is left out: whether names in parentheses follow has to be looked at each time.
    if (note !== undefined && !bareHex) {
      const slot = slotOf(text.charCodeAt(start + 5), text.charCodeAt(start + 11), text.charCodeAt(start + 19));
      this.slots[slot] = { value: Buffer.from(value, 'latin1'), note: Buffer.from(note, 'latin1') };
    }
    return note === undefined || hasNote(text, end) ? undefined : note;
  }

  /** Where the release is open, the place of a bare number says in which releases it can stand. */
  private bareHex(value: string, text: string, start: number, end: number): string | undefined {
    if (hasNote(text, end)) return undefined;
    const before = text.slice(Math.max(0, start - LOOK_BEHIND), start);
    const line = before.slice(before.lastIndexOf('\n') + 1);
    const era: HexEra = line.includes('allocation deadlock') ? '6.8' : line.includes('mm_compaction_') ? '5.1' : '4.5';
    const key = `${era} ${value}`;
    if (this.known.has(key)) return this.known.get(key);
    return this.remember(key, noteFor(value, this.origin, era));
  }

  private forget(): void {
    this.known.clear();
    this.slots.fill(undefined);
  }

  private remember(key: string, note: string | undefined): string | undefined {
    if (this.known.size >= MOST_NOTES) this.forget();
    // A slice of a text keeps the whole text in memory, so it is written anew.
    this.known.set(Buffer.from(key, 'latin1').toString('latin1'), note);
    return note;
  }

  private learn(value: string): void {
    if (this.origin.kernel !== undefined) return;
    const series = narrow(this.origin.series, value);
    if (series.length === this.origin.series.length && series.every((name) => this.origin.series.includes(name)))
      return;
    this.origin = { ...this.origin, series };
    this.forget();
  }

  /** Takes the release from a `Linux version 6.1.0-56-amd64 (…` line; an unknown one changes nothing. */
  banner(text: string, at: number): void {
    if (this.fixed) return;
    const match = /^[\w.+~-]+/.exec(text.slice(at + BANNER.length, at + BANNER.length + 64));
    if (match === null || match[0] === this.origin.kernel) return;
    try {
      gfpRelease(match[0]);
    } catch (error) {
      if (error instanceof GfpError) return;
      throw error;
    }
    this.origin = { ...this.origin, kernel: match[0] };
    this.forget();
  }

  /** Whether `Linux version` lines matter. */
  get open(): boolean {
    return !this.fixed;
  }
}
