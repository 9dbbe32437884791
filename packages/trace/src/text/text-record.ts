import type { Tokens } from '../classify/memory/tokens.ts';
import { Place } from '../place.ts';
import { type SourceRecord, symbolName, textBigInt, textField, textNumber } from '../record.ts';
import { type FieldName, fieldName, Word } from '../word.ts';
import { BytePattern, beforeSpace } from './byte-pattern.ts';
import { TextEvent } from './name-table.ts';
import { mixed, TextTable } from './text-table.ts';

/** In place of a hint: some line of this event lacks the field, or spells it without `=`. */
const ABSENT = -1;

/** Chunks whose lines may still be come back to. */
export interface SavedChunks {
  /** The number of the chunk that is being read. */
  readonly newest: number;
  at(number: number): string;
  /** Takes apart the line at which the record stands; it was of the common form. */
  readAgain(record: TextRecord): void;
}

/** One line of a text recording. The reader reuses the object; fields are cut out of the chunk when asked for. */
export class TextRecord implements SourceRecord {
  chunk = '';
  /** What the chunk was made of, while it is the one that is being read; and where it begins there. */
  view: DataView | undefined = undefined;
  base = 0;
  commStart = 0;
  commEnd = 0;
  pid = 0;
  cpu = 0;
  flagsStart = 0;
  flagsEnd = 0;
  timeStart = 0;
  timeEnd = 0;
  event = new TextEvent('', false);
  nameStart = 0;
  bodyStart = 0;
  bodyEnd = 0;
  line = 0;
  /** The line as a whole, where it is one of the common form. */
  lineStart = 0;
  lineEnd = 0;
  savable = false;
  stack?: readonly string[];
  private readonly values = new TextTable();
  /** Names of fields with the `=` behind them, by the names' numbers. */
  private readonly patterns: (BytePattern | undefined)[] = [];
  private readonly probes = new Map<string, ProbePlace>();
  private readonly chunks: SavedChunks;

  constructor(chunks: SavedChunks) {
    this.chunks = chunks;
  }

  save(into: Float64Array, at: number): void {
    into[at] = this.chunks.newest;
    into[at + 1] = this.lineStart;
    into[at + 2] = this.lineEnd;
    into[at + 3] = this.line;
  }

  goTo(from: Float64Array, at: number): void {
    this.chunk = this.chunks.at(from[at] as number);
    this.view = undefined;
    this.lineStart = from[at + 1] as number;
    this.lineEnd = from[at + 2] as number;
    this.line = from[at + 3] as number;
    this.chunks.readAgain(this);
  }

  hold(): () => void {
    const { chunk, commStart, commEnd, pid, cpu, flagsStart, flagsEnd, timeStart, timeEnd } = this;
    const { view, base } = this;
    const { event, nameStart, bodyStart, bodyEnd, line, lineStart, lineEnd, savable } = this;
    return () => {
      Object.assign(this, { chunk, commStart, commEnd, pid, cpu, flagsStart, flagsEnd, timeStart, timeEnd });
      Object.assign(this, { view, base });
      Object.assign(this, { event, nameStart, bodyStart, bodyEnd, line, lineStart, lineEnd, savable });
    };
  }

  get comm(): string {
    const text = this.chunk.slice(this.commStart, this.commEnd).trimStart();
    // Chunks are decoded byte for byte; only names can hold anything else.
    return /[\x80-\xff]/.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text;
  }

  get name(): string {
    return this.event.name;
  }

  flagAt(column: number): number {
    const at = this.flagsStart + column;
    return at < this.flagsEnd ? this.chunk.charCodeAt(at) : Number.NaN;
  }

  place(file: string | undefined): Place {
    return new Place(file, this.line, this.cpu, this.timestamp);
  }

  get flags(): string {
    return this.chunk.slice(this.flagsStart, this.flagsEnd);
  }

  get timestamp(): string {
    return this.chunk.slice(this.timeStart, this.timeEnd);
  }

  format(): string {
    let start = this.bodyStart;
    while (start < this.bodyEnd && this.chunk.charCodeAt(start) === 32) start += 1;
    return this.chunk.slice(start, this.bodyEnd);
  }

  /**
   * The lines of one event mostly have a field at one place, which is tried before the text is searched.
   */
  word({ name: field, id }: FieldName): Word | undefined {
    if (field.charCodeAt(0) === 95 && field.startsWith('__probe_')) return this.probeField(field);
    const { chunk, bodyStart, bodyEnd } = this;
    const { hints } = this.event;
    const hint = hints[id];
    if (hint !== undefined && hint.offset !== ABSENT) {
      const value = bodyStart + hint.offset + field.length + 1;
      if (value < bodyEnd && this.standsAt(field, id, value)) {
        const before = chunk.charCodeAt(value - field.length - 2);
        if (before === 32 || before === 58) return this.valueAt(value);
      }
    }
    if (hint?.offset !== ABSENT) {
      // Not bounded by the line, but a field that is missing once is looked for in the line alone from then on.
      const at = chunk.indexOf(field, bodyStart);
      const value = at + field.length + 1;
      if (at !== -1 && value <= bodyEnd && chunk.charCodeAt(value - 1) === 61) {
        const before = chunk.charCodeAt(at - 1);
        if (before === 32 || before === 58) {
          if (hint === undefined) hints[id] = { offset: at - bodyStart };
          else hint.offset = at - bodyStart;
          return this.valueAt(value);
        }
      }
      hints[id] = { offset: ABSENT };
    }
    return this.searched(field);
  }

  /** Whether the field's name and `=` stand before `value`. */
  private standsAt(field: string, id: number, value: number): boolean {
    const { view, chunk } = this;
    const at = value - field.length - 1;
    if (view !== undefined && field.length > 2) {
      return (this.patterns[id] ?? this.learnPattern(field, id)).standsAt(view, this.base + at);
    }
    return chunk.charCodeAt(value - 1) === 61 && chunk.startsWith(field, at);
  }

  private learnPattern(field: string, id: number): BytePattern {
    while (this.patterns.length < id) this.patterns.push(undefined);
    const pattern = new BytePattern(`${field}=`);
    this.patterns[id] = pattern;
    return pattern;
  }

  token(field: FieldName, tokens: Tokens): number {
    return tokens.ofWord(this.word(field));
  }

  private searched(field: string): Word | undefined {
    const text = textField(this.chunk.slice(this.bodyStart, this.bodyEnd), field);
    return text === undefined ? undefined : this.values.at(text, 0, text.length);
  }

  /** Masks, callers and addresses repeat, so their texts are not made again. */
  private valueAt(start: number): Word {
    const { chunk, bodyEnd, view, base } = this;
    if (view !== undefined) {
      let hash = 0;
      let at = base + start;
      const last = base + bodyEnd;
      let left = 4;
      while (left === 4 && at + 4 <= last) {
        const word = view.getInt32(at, true);
        left = beforeSpace(word);
        hash = mixed(hash, left === 4 ? word : word & ((1 << (left * 8)) - 1));
        at += left;
      }
      if (left === 4) {
        let word = 0;
        for (let shift = 0; at < last; at += 1, shift += 8) {
          const code = view.getUint8(at);
          if (code === 32) break;
          word |= code << shift;
        }
        hash = mixed(hash, word);
      }
      // A comma at the end is no part of it.
      if (view.getUint8(at - 1) !== 44) return this.values.hashed(chunk, start, at - base - start, hash);
    }
    let stop = chunk.indexOf(' ', start);
    if (stop === -1 || stop > bodyEnd) stop = bodyEnd;
    if (chunk.charCodeAt(stop - 1) === 44) stop -= 1;
    return this.values.at(chunk, start, stop - start);
  }

  number(field: FieldName): number | undefined {
    return this.word(field)?.number;
  }

  getText(field: string): string | undefined {
    return this.word(fieldName(field))?.text;
  }

  getNumber(field: string): number | undefined {
    return textNumber(this.getText(field));
  }

  getBigInt(field: string): bigint | undefined {
    return textBigInt(this.getText(field));
  }

  getSymbol(field: string): string | undefined {
    const text = this.getText(field);
    return text === undefined ? undefined : symbolName(text);
  }

  /** `(entry)` or `(caller <- function)` in front of a probe's fetches. */
  private probeField(field: string): Word | undefined {
    const { chunk, bodyEnd } = this;
    let at = this.bodyStart;
    while (at < bodyEnd && chunk.charCodeAt(at) === 32) at += 1;
    if (chunk.charCodeAt(at) !== 40) return undefined;
    const close = chunk.indexOf(')', at);
    if (close === -1 || close >= bodyEnd) return undefined;
    const inside = this.values.at(chunk, at + 1, close - at - 1).text;
    let place = this.probes.get(inside);
    if (place === undefined) {
      place = probePlace(inside);
      if (this.probes.size >= MAX_PROBES) this.probes.clear();
      this.probes.set(inside, place);
    }
    if (field === '__probe_ret_ip') return place.returnsTo;
    return field === '__probe_func' ? place.func : field === '__probe_ip' ? place.ip : undefined;
  }
}

/** Places in the code with probes, and who calls them. */
const MAX_PROBES = 8192;

interface ProbePlace {
  readonly ip: Word | undefined;
  readonly func: Word | undefined;
  readonly returnsTo: Word | undefined;
}

/** trace-cmd prints caller and function in the other order. */
function probePlace(inside: string): ProbePlace {
  const arrow = inside.indexOf(' <- ');
  if (arrow === -1) return { ip: new Word(inside), func: undefined, returnsTo: undefined };
  const left = inside.slice(0, arrow);
  const right = inside.slice(arrow + 4);
  // A bare function has no offset; where both are addresses the order is trace-cmd's.
  const functionFirst = !left.includes('+') && !/^0?x?[^0-9a-f]/.test(left) && !right.includes('<');
  const swapped = functionFirst && /^(0x)?[0-9a-f]{8,16}$/.test(left);
  return { ip: undefined, func: new Word(swapped ? left : right), returnsTo: new Word(swapped ? right : left) };
}
