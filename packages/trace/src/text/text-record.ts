import { ABSENT, type Tokens } from '../classify/memory/tokens.ts';
import { Place } from '../place.ts';
import { type SourceRecord, symbolName, textBigInt, textNumber } from '../record.ts';
import { type FieldName, fieldName, type ProbePlace, Word } from '../word.ts';
import { BytePattern } from './byte-pattern.ts';
import { TextChunk } from './chunk.ts';
import { TextEvent } from './name-table.ts';
import { TextTable } from './text-table.ts';

/** In place of a hint: nobody has found the field in a line of this event. */
const UNKNOWN = -1;
const SPACE = 32;
const OPEN = 40;
const EQUALS = 61;

const NOTHING = /* @__PURE__ */ new TextChunk(Buffer.alloc(0));

/** Chunks whose lines may still be come back to. */
export interface SavedChunks {
  /** The number of the chunk that is being read. */
  readonly newest: number;
  /** Makes the record what it was at a line of a chunk; the line was of the common form. */
  readAgain(record: TextRecord, chunk: number, start: number, end: number): void;
}

/** One line of a text recording. The reader reuses the object; fields are cut out of the chunk when asked for. */
export class TextRecord implements SourceRecord {
  chunk = NOTHING;
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
  /** Names of fields, by their numbers. */
  private readonly patterns: (BytePattern | undefined)[] = [];
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
    this.line = from[at + 3] as number;
    this.chunks.readAgain(this, from[at] as number, from[at + 1] as number, from[at + 2] as number);
  }

  hold(): () => void {
    const { chunk, commStart, commEnd, pid, cpu, flagsStart, flagsEnd, timeStart, timeEnd } = this;
    const { event, nameStart, bodyStart, bodyEnd, line, lineStart, lineEnd, savable } = this;
    return () => {
      Object.assign(this, { chunk, commStart, commEnd, pid, cpu, flagsStart, flagsEnd, timeStart, timeEnd });
      Object.assign(this, { event, nameStart, bodyStart, bodyEnd, line, lineStart, lineEnd, savable });
    };
  }

  get comm(): string {
    return this.chunk.bytes.toString('utf8', this.commStart, this.commEnd).trimStart();
  }

  get name(): string {
    return this.event.name;
  }

  flagAt(column: number): number {
    const at = this.flagsStart + column;
    return at < this.flagsEnd ? (this.chunk.bytes[at] as number) : Number.NaN;
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
    while (start < this.bodyEnd && this.chunk.bytes[start] === SPACE) start += 1;
    return this.chunk.slice(start, this.bodyEnd);
  }

  word(field: FieldName): Word | undefined {
    if (isProbeField(field.name)) return this.probeField(field.name);
    const at = this.valueOf(field);
    return at === -1 ? undefined : this.values.value(this.chunk, at, this.bodyEnd);
  }

  token(field: FieldName, tokens: Tokens): number {
    if (isProbeField(field.name)) return tokens.ofWord(this.probeField(field.name));
    const at = this.valueOf(field);
    return at === -1 ? ABSENT : this.values.token(this.chunk, at, this.bodyEnd, tokens);
  }

  /** Where the value of `name=value` or `name value` begins; the lines of one event mostly have a field at one place. */
  private valueOf({ name, id }: FieldName): number {
    const pattern = this.patterns[id] ?? this.learnPattern(name, id);
    const hint = this.event.hints[id];
    if (hint !== undefined && hint !== UNKNOWN) {
      const at = this.bodyStart + hint;
      if (this.isFieldAt(pattern, at)) return at + pattern.length + 1;
    }
    const at = this.search(name, pattern, id);
    return at === -1 ? -1 : at + pattern.length + 1;
  }

  /** The field's name as a word of its own, with a value. */
  private isFieldAt(pattern: BytePattern, at: number): boolean {
    const { bytes, view } = this.chunk;
    if (!pattern.standsAt(view, at, this.bodyEnd - 1)) return false;
    const after = at + pattern.length;
    if (bytes[after] !== EQUALS && bytes[after] !== SPACE) return false;
    const before = bytes[at - 1];
    return before === SPACE || before === OPEN || at === this.bodyStart;
  }

  /** Where the first field of that name begins; -1 where there is none. */
  private search(name: string, pattern: BytePattern, id: number): number {
    const { text } = this.chunk;
    const { hints } = this.event;
    const { bodyStart, bodyEnd } = this;
    // Not bounded by the line: mostly the field is there.
    let at = text.indexOf(name, bodyStart);
    while (at !== -1 && at < bodyEnd && !this.isFieldAt(pattern, at)) at = text.indexOf(name, at + name.length);
    if (at === -1 || at >= bodyEnd) return -1;
    while (hints.length < id) hints.push(UNKNOWN);
    hints[id] = at - bodyStart;
    return at;
  }

  private learnPattern(field: string, id: number): BytePattern {
    while (this.patterns.length < id) this.patterns.push(undefined);
    const pattern = new BytePattern(field);
    this.patterns[id] = pattern;
    return pattern;
  }

  number(field: FieldName): number | undefined {
    if (isProbeField(field.name)) return this.word(field)?.number;
    const at = this.valueOf(field);
    if (at === -1) return undefined;
    const { chunk, bodyEnd } = this;
    return smallNumber(chunk.bytes, at, bodyEnd) ?? this.values.value(chunk, at, bodyEnd).number;
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
    const { bytes } = chunk;
    let at = this.bodyStart;
    while (at < bodyEnd && bytes[at] === SPACE) at += 1;
    if (bytes[at] !== OPEN) return undefined;
    const close = chunk.text.indexOf(')', at);
    if (close === -1 || close >= bodyEnd) return undefined;
    const inside = this.values.between(chunk, at + 1, close);
    const place = inside.probe ?? probePlace(inside.text);
    inside.probe = place;
    if (field === '__probe_ret_ip') return place.returnsTo;
    return field === '__probe_func' ? place.func : field === '__probe_ip' ? place.ip : undefined;
  }
}

const isProbeField = (name: string): boolean => name.charCodeAt(0) === 95 && name.startsWith('__probe_');

/** `12` or `0x1f` up to a space, or up to `end`, as most numbers are; `undefined` for whatever else there is. */
function smallNumber(bytes: Uint8Array, start: number, end: number): number | undefined {
  const isHex = bytes[start] === 48 && bytes[start + 1] === 120;
  const first = isHex ? start + 2 : start;
  let at = first;
  let value = 0;
  for (; at < end && bytes[at] !== SPACE; at += 1) {
    const digit = (bytes[at] as number) - 48;
    if (digit >= 0 && digit <= 9) value = value * (isHex ? 16 : 10) + digit;
    else if (isHex && digit >= 49 && digit <= 54) value = value * 16 + digit - 39;
    else return undefined;
  }
  return at > first && at <= first + 7 ? value : undefined;
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
