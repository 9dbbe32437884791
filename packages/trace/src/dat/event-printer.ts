import type { Tokens } from '../classify/memory/tokens.ts';
import type { FieldName, Word } from '../word.ts';
import type { EventFormat, Field } from './event-format.ts';
import { dataRange, type EventView, readBig, readHigh, readLow, readText, readWord } from './event-view.ts';
import { FieldWord, type TextOf } from './field-word.ts';
import { hex64, type PrintContext } from './print-context.ts';
import { evaluateNumber } from './print-evaluate.ts';
import { PrintFormatError } from './print-lexer.ts';
import { type PrintNode, parsePrintFormat } from './print-parser.ts';
import { buildRender, isNumber, isSymbol, onlyField, plainField, type Render } from './print-render.ts';
import { type Conversion, parseFormat } from './printf.ts';

type Part = { readonly text: string } | Converted;

interface Converted {
  readonly conversion: Conversion;
  readonly node: PrintNode;
  readonly render: Render;
}

/** What one printed name stands for: the parts of its value. */
type Named = readonly Part[];

/** One function for the parts of a printed value; nearly all have one conversion, some with `0x` before it. */
function joined(parts: Named): TextOf {
  const [first] = parts;
  if (first !== undefined && parts.length === 1 && !('text' in first)) return first.render;
  return (event) => {
    let text = '';
    for (const part of parts) text += 'text' in part ? part.text : part.render(event);
    return text;
  };
}

/** The one number field that a printed value depends on. */
function onlyFieldOf(parts: Named): Field | undefined {
  const converted = parts.filter((part): part is Converted => !('text' in part));
  if (converted.some(({ conversion }) => readsMore(conversion))) return undefined;
  return onlyField(converted.map(({ node }) => node));
}

/** A width from an argument, or the bytes behind an address: more than the field's number. */
function readsMore(conversion: Conversion): boolean {
  const { letter, suffix, width, precision } = conversion;
  return width === '*' || precision === '*' || (letter === 'p' && suffix !== '' && !isSymbol(conversion));
}

const nothing: TextOf = () => undefined;

const noField = /* @__PURE__ */ Symbol('no field');

const unreadable = /* @__PURE__ */ Symbol('unreadable');

/**
 * Prints events of one format, whole and by printed name. Built on the first use of an event: parsing a print format
 * costs more than printing a hundred events.
 */
export class EventPrinter {
  readonly #format: EventFormat;
  readonly #context: PrintContext;
  readonly #parts: readonly Part[] | typeof unreadable;
  readonly #names: ReadonlyMap<string, Named>;
  readonly #texts = new Map<string, FieldWord>();
  /** The same by the names' numbers. */
  readonly #words: (FieldWord | undefined)[] = [];
  readonly #direct = new Map<string, Field | typeof noField>();
  readonly #directById: (Field | typeof noField | undefined)[] = [];

  constructor(format: EventFormat, context: PrintContext) {
    this.#format = format;
    this.#context = context;
    this.#parts = buildParts(format, context);
    this.#names = this.#parts === unreadable ? new Map() : nameParts(this.#parts);
  }

  /** The event as `trace-cmd report -N` prints it behind the event's name. */
  text(event: EventView): string {
    const parts = this.#parts;
    if (parts === unreadable) return `[FAILED TO PARSE]${this.#fieldList(event)}`;
    let text = '';
    for (const part of parts) text += 'text' in part ? part.text : part.render(event);
    return text;
  }

  /** Every field as `name=value`, for events whose print format is not understood. */
  #fieldList(event: EventView): string {
    let text = '';
    for (const field of this.#format.fields.values()) {
      if (!field.name.startsWith('common_')) text += ` ${field.name}=${rawText(field, event)}`;
    }
    return text;
  }

  fieldText(name: string, event: EventView): string | undefined {
    return this.#wordOf(name).read(event)?.text;
  }

  fieldWord(field: FieldName, event: EventView): Word | undefined {
    return (this.#words[field.id] ?? this.#learnWord(field)).read(event);
  }

  fieldToken(field: FieldName, event: EventView, tokens: Tokens): number {
    return (this.#words[field.id] ?? this.#learnWord(field)).token(event, tokens);
  }

  #learnWord({ name, id }: FieldName): FieldWord {
    while (this.#words.length < id) this.#words.push(undefined);
    const word = this.#wordOf(name);
    this.#words[id] = word;
    return word;
  }

  /** What reads a name's text, chosen once: the names asked for are few and come with every event. */
  #wordOf(name: string): FieldWord {
    const known = this.#texts.get(name);
    if (known !== undefined) return known;
    const word = this.#buildWord(name);
    this.#texts.set(name, word);
    return word;
  }

  #buildWord(name: string): FieldWord {
    const named = this.#names.get(name);
    if (named !== undefined) return new FieldWord(joined(named), onlyFieldOf(named));
    const field = this.#format.fields.get(name);
    if (field === undefined) return new FieldWord(nothing, undefined);
    const only = isNumber(field) ? field : undefined;
    if (!field.name.startsWith('__probe_') || field.size !== 8)
      return new FieldWord((event) => rawText(field, event), only);
    // Where a probe sits is code: text recordings print the symbol.
    const { offset } = field;
    const symbol = (event: EventView): string => {
      const high = readHigh(event, offset);
      const low = readLow(event, offset);
      return this.#context.symbols().withOffset(high, low) ?? `0x${hex64(high, low)}`;
    };
    return new FieldWord(symbol, only);
  }

  fieldNumberOf({ name, id }: FieldName, event: EventView): number | undefined {
    let field = this.#directById[id];
    if (field === undefined) {
      while (this.#directById.length < id) this.#directById.push(undefined);
      field = this.#directField(name) ?? noField;
      this.#directById[id] = field;
    }
    return this.#number(name, field === noField ? undefined : field, event);
  }

  fieldNumber(name: string, event: EventView): number | undefined {
    return this.#number(name, this.#directField(name), event);
  }

  #number(name: string, field: Field | undefined, event: EventView): number | undefined {
    if (field !== undefined && field.size < 8) {
      const word = readWord(event, field.offset, field.size);
      return field.signed ? signed(word, field.size) : word;
    }
    // Most long fields hold small numbers.
    if (field !== undefined && readHigh(event, field.offset) === 0) return readLow(event, field.offset);
    const value = this.fieldBigInt(name, event);
    if (value === undefined) return undefined;
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : undefined;
  }

  fieldBigInt(name: string, event: EventView): bigint | undefined {
    const field = this.#directField(name);
    if (field !== undefined) {
      const value = readBig(event, field.offset, field.size);
      return field.signed ? BigInt.asIntN(field.size * 8, value) : value;
    }
    const single = this.#single(name);
    if (single === undefined || single.conversion.letter === 's') return undefined;
    const value = evaluateNumber(single.node, event, this.#context);
    const bits = single.conversion.length >= 1 ? 64 : 32;
    return single.conversion.letter === 'd' || single.conversion.letter === 'i' ? BigInt.asIntN(bits, value) : value;
  }

  /** The function behind an address, without offset. */
  fieldSymbol(name: string, event: EventView): string | undefined {
    const single = this.#single(name);
    if (single !== undefined && isSymbol(single.conversion)) {
      const plain = plainField(single.node);
      if (plain?.size === 8) {
        return this.#context.symbols().nameAt(readHigh(event, plain.offset), readLow(event, plain.offset));
      }
      const value = evaluateNumber(single.node, event, this.#context);
      return this.#context.symbols().nameAt(Number(value >> 32n), Number(value & 0xffff_ffffn));
    }
    const field = this.#format.fields.get(name);
    if (field === undefined || field.isArray) return undefined;
    if (field.size === 8) {
      return this.#context.symbols().nameAt(readHigh(event, field.offset), readLow(event, field.offset));
    }
    return field.size === 4 ? this.#context.symbols().nameAt(0, readWord(event, field.offset, 4)) : undefined;
  }

  #directField(name: string): Field | undefined {
    const known = this.#direct.get(name);
    if (known !== undefined) return known === noField ? undefined : known;
    const field = this.#findDirect(name);
    this.#direct.set(name, field ?? noField);
    return field;
  }

  /** The number field of that name in the format, when the printed name doesn't mean something else. */
  #findDirect(name: string): Field | undefined {
    const field = this.#format.fields.get(name);
    if (field === undefined || field.isArray || ![1, 2, 4, 8].includes(field.size)) return undefined;
    const single = this.#single(name);
    if (single === undefined || single.conversion.letter === 's') return field;
    return single.node.kind === 'field' && single.node.field === field ? field : undefined;
  }

  /** The one conversion of a printed name whose value is a bare number (`0x%llx`, `%d`). */
  #single(name: string): Converted | undefined {
    const named = this.#names.get(name);
    if (named === undefined || named.length > 2) return undefined;
    const [first, second] = named;
    if (first === undefined) return undefined;
    if (!('text' in first)) return second === undefined ? first : undefined;
    return first.text === '0x' && second !== undefined && !('text' in second) ? second : undefined;
  }
}

function signed(word: number, size: number): number {
  if (size === 4) return word | 0;
  return size === 2 ? (word << 16) >> 16 : (word << 24) >> 24;
}

function buildParts(format: EventFormat, context: PrintContext): readonly Part[] | typeof unreadable {
  try {
    const parsed = parsePrintFormat(format.parsed.printFmt, format.fields);
    let next = 0;
    const argument = (): PrintNode => {
      const node = parsed.args[next];
      if (node === undefined) throw new PrintFormatError('the format has more conversions than arguments');
      next += 1;
      return node;
    };
    return parseFormat(parsed.format).map((piece): Part => {
      if ('text' in piece) return piece;
      const { conversion } = piece;
      const stars: PrintNode[] = [];
      if (conversion.width === '*') stars.push(argument());
      if (conversion.precision === '*') stars.push(argument());
      const node = argument();
      return { conversion, node, render: buildRender(conversion, node, stars, context) };
    });
  } catch (error) {
    if (error instanceof PrintFormatError) return unreadable;
    throw error;
  }
}

/**
 * Finds the printed names: `name=value` and `name value`, where a value ends at a blank or at a comma before one. The
 * first of two equal names wins, as it does for a reader of the text.
 */
function nameParts(parts: readonly Part[]): Map<string, Named> {
  const names = new Map<string, Named>();
  let word: Part[] = [];
  let previous = '';
  const finish = (): void => {
    const first = word[0];
    if (first === undefined) return;
    const lead = 'text' in first ? first.text : '';
    const equals = /^\(?([A-Za-z_]\w*)=/.exec(lead);
    if (equals !== null) addName(names, equals[1] ?? '', [{ text: lead.slice(equals[0].length) }, ...word.slice(1)]);
    else if (word.some((part) => !('text' in part))) addName(names, previous, word);
    previous = word.length === 1 ? lead.replace(/^\(/, '') : '';
    word = [];
  };
  for (const part of parts) {
    if (!('text' in part)) {
      word.push(part);
      continue;
    }
    const pieces = part.text.split(/[ \n\t]/);
    pieces.forEach((piece, index) => {
      if (index > 0) finish();
      if (piece !== '') word.push({ text: piece });
    });
  }
  finish();
  return names;
}

function addName(names: Map<string, Named>, name: string, parts: readonly Part[]): void {
  if (name === '' || names.has(name)) return;
  const value = parts.filter((part) => !('text' in part && part.text === ''));
  const last = value[value.length - 1];
  if (last !== undefined && 'text' in last && last.text.endsWith(',')) {
    value.pop();
    if (last.text.length > 1) value.push({ text: last.text.slice(0, -1) });
  }
  names.set(name, value);
}

/** A field by its type alone: addresses in hex, strings as they are, other arrays byte by byte. */
export function rawText(field: Field, event: EventView): string {
  if (field.isArray) {
    const { offset, length } = dataRange(event, field);
    if (field.isString) {
      const text = readText(event, offset, length);
      if (/^[\x20-\x7e\s]*$/.test(text)) return text;
    }
    const from = event.start + offset;
    const bytes = Array.from(event.bytes.subarray(from, from + length), (byte) => byte.toString(16).padStart(2, '0'));
    return `ARRAY[${bytes.join(', ')}]`;
  }
  if (field.isPointer || (field.isLong && !field.signed)) {
    if (field.size === 8) return `0x${hex64(readHigh(event, field.offset), readLow(event, field.offset))}`;
    return `0x${readWord(event, field.offset, field.size).toString(16)}`;
  }
  if (field.size === 8) {
    const value = readBig(event, field.offset, 8);
    return (field.signed ? BigInt.asIntN(64, value) : value).toString();
  }
  const word = readWord(event, field.offset, field.size);
  return String(field.signed ? signed(word, field.size) : word);
}
