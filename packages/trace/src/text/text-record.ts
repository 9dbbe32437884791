import type { Tokens } from '../classify/memory/tokens.ts';
import { EventName } from '../event-name.ts';
import { Place } from '../place.ts';
import { type SourceRecord, symbolName, textBigInt, textField, textNumber } from '../record.ts';
import { type FieldName, fieldName, Word } from '../word.ts';
import type { ChunkLines } from './line-columns.ts';
import { TextTable } from './text-table.ts';

/** Names are few and repeat for ever, so each is made once; the bound keeps garbage from filling memory. */
const MAX_NAMES = 4096;

/** In place of a hint: some line of this event lacks the field, or spells it without `=`. */
const ABSENT = -1;

/** Where a field stood in the last line of its event. */
interface Hint {
  /** From the start of the event's text. */
  offset: number;
}

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
  bytes: Uint8Array | undefined = undefined;
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
    this.bytes = undefined;
    this.lineStart = from[at + 1] as number;
    this.lineEnd = from[at + 2] as number;
    this.line = from[at + 3] as number;
    this.chunks.readAgain(this);
  }

  hold(): () => void {
    const { chunk, commStart, commEnd, pid, cpu, flagsStart, flagsEnd, timeStart, timeEnd } = this;
    const { bytes, base } = this;
    const { event, nameStart, bodyStart, bodyEnd, line, lineStart, lineEnd, savable } = this;
    return () => {
      Object.assign(this, { chunk, commStart, commEnd, pid, cpu, flagsStart, flagsEnd, timeStart, timeEnd });
      Object.assign(this, { bytes, base });
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
      if (value < bodyEnd && chunk.charCodeAt(value - 1) === 61 && chunk.startsWith(field, value - 1 - field.length)) {
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

  token(field: FieldName, tokens: Tokens): number {
    return tokens.ofWord(this.word(field));
  }

  private searched(field: string): Word | undefined {
    const text = textField(this.chunk.slice(this.bodyStart, this.bodyEnd), field);
    return text === undefined ? undefined : this.values.at(text, 0, text.length);
  }

  /** Masks, callers and addresses repeat, so their texts are not made again. */
  private valueAt(start: number): Word {
    const { chunk, bodyEnd } = this;
    const { bytes, base } = this;
    if (bytes !== undefined) {
      let hash = 0;
      let at = base + start;
      const last = base + bodyEnd;
      for (let code = bytes[at] as number; at < last && code !== 32; code = bytes[at] as number) {
        hash = (Math.imul(hash, 31) + code) | 0;
        at += 1;
      }
      // A comma at the end is no part of it.
      if (bytes[at - 1] !== 44) return this.values.hashed(chunk, start, at - base - start, hash);
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

/** An event's name, with what was learned of its lines. */
export class TextEvent extends EventName {
  /** Where fields stood in the last line of this event, by their names' numbers. */
  readonly hints: (Hint | undefined)[] = [];
  /** The name as it stands in a file. */
  readonly bytes: Uint8Array;
  /** A backtrace follows such a line. */
  readonly stack: 'none' | 'kernel' | 'user';

  constructor(name: string, wanted: boolean) {
    super(name, wanted);
    this.bytes = Buffer.from(name, 'latin1');
    this.stack = name === 'kernel_stack' ? 'kernel' : name === 'user_stack' ? 'user' : 'none';
  }
}

const SLOTS = 16_384;

/** Interns event names without making a string per line. */
export class NameTable {
  readonly kernelStack = new TextEvent('kernel_stack', true);
  readonly userStack = new TextEvent('user_stack', true);
  readonly function = new TextEvent('function', true);
  private readonly slots: (TextEvent | undefined)[] = new Array<TextEvent | undefined>(SLOTS).fill(undefined);
  private size = 0;
  private readonly wants: (name: string) => boolean;

  constructor(wants: (name: string) => boolean) {
    this.wants = wants;
  }

  /** The same, told by bytes: those of `lines` from `start` on. */
  among({ text, bytes, base }: ChunkLines, start: number, length: number, hash: number): TextEvent {
    const info = this.slots[hash & (SLOTS - 1)];
    if (info !== undefined && info.bytes.length === length) {
      let at = 0;
      while (at < length && info.bytes[at] === bytes[base + start + at]) at += 1;
      if (at === length) return info;
    }
    return this.at(text, start, length, hash);
  }

  /** The name at `start` of length `length`, whose running hash is `hash`. */
  at(chunk: string, start: number, length: number, hash: number): TextEvent {
    let slot = hash & (SLOTS - 1);
    for (let info = this.slots[slot]; info !== undefined; info = this.slots[slot]) {
      if (info.name.length === length && chunk.startsWith(info.name, start)) return info;
      slot = (slot + 1) & (SLOTS - 1);
    }
    // A copy: a slice would keep the whole chunk alive.
    const name = Buffer.from(chunk.slice(start, start + length), 'latin1').toString('latin1');
    const info = new TextEvent(name, this.wants(name));
    if (this.size < MAX_NAMES) {
      this.size += 1;
      this.slots[slot] = info;
    }
    return info;
  }
}
