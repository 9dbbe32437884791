import { latin1 } from './bytes.ts';
import type { EventPrinter } from './event-printer.ts';
import type { FormatText } from './layout.ts';

/** One field of an event, as the file's own format description has it. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly offset: number;
  /** Bytes; 0 means "up to the end of the event". */
  readonly size: number;
  readonly signed: boolean;
  readonly isArray: boolean;
  readonly isString: boolean;
  readonly isPointer: boolean;
  /** A long usually holds an address, and is printed in hex where the format says nothing. */
  readonly isLong: boolean;
  /** The field only says where in the event the data are: from the event's start, or from behind the field. */
  readonly dynamic: 'none' | 'data_loc' | 'rel_loc';
  readonly elementSize: number;
}

/** An event's format: its fields by name and how the kernel prints it. Parsed when the first of them is asked for. */
export class EventFormat {
  readonly id: number;
  readonly name: string;
  readonly system: string;
  readonly #bytes: Uint8Array;
  #parsed: ParsedFormat | undefined;
  /** What prints its events, once one was asked for a field. */
  printer: EventPrinter | undefined;

  constructor(id: number, name: string, text: FormatText) {
    this.id = id;
    this.name = name;
    this.system = text.system;
    this.#bytes = text.bytes;
  }

  get fields(): ReadonlyMap<string, Field> {
    return this.parsed.fields;
  }

  get parsed(): ParsedFormat {
    this.#parsed ??= parseFormatText(latin1(this.#bytes), this.system !== 'ftrace');
    return this.#parsed;
  }
}

/** What an event's format says; the common fields are beside the others because every event is asked for them. */
export interface ParsedFormat {
  readonly fields: ReadonlyMap<string, Field>;
  /** The kernel's print format with its arguments, unparsed. */
  readonly printFmt: string;
  readonly pidField: Field | undefined;
  readonly flagsField: Field | undefined;
  readonly preemptField: Field | undefined;
  /** Bytes that every such event has, and at most has; the tracers' own events keep to neither. */
  readonly least: number;
  readonly most: number;
}

function parseFormatText(text: string, regular: boolean): ParsedFormat {
  const at = text.indexOf('print fmt: ');
  const fields = parseFields(at === -1 ? text : text.slice(0, at));
  let end = 0;
  let open = !regular;
  for (const field of fields.values()) {
    end = Math.max(end, field.offset + field.size);
    if (field.dynamic !== 'none' || field.size === 0) open = true;
  }
  return {
    fields,
    least: regular ? end : 0,
    // A structure is filled up to its alignment, of at most 16 bytes.
    most: open ? Number.POSITIVE_INFINITY : end + 16,
    printFmt: at === -1 ? '' : text.slice(at + 11).trim(),
    pidField: fields.get('common_pid'),
    flagsField: fields.get('common_flags'),
    preemptField: fields.get('common_preempt_count'),
  };
}

/** All event formats of a file by their number. */
export class EventFormats {
  readonly #texts: (FormatText | undefined)[] = [];
  readonly #parsed: (EventFormat | undefined)[] = [];
  readonly #typeField: Field | undefined;

  constructor(texts: readonly FormatText[]) {
    for (const text of texts) {
      const id = Number(headOf(text)?.[2] ?? -1);
      if (id >= 0 && id < 65536) this.#texts[id] = text;
    }
    for (const id in this.#texts) {
      const field = this.byId(Number(id))?.fields.get('common_type');
      if (field === undefined) continue;
      this.#typeField = field;
      break;
    }
  }

  /** Where an event's number stands in it; every event begins with the same common fields. */
  get typeField(): Field | undefined {
    return this.#typeField;
  }

  byId(id: number): EventFormat | undefined {
    const parsed = this.#parsed[id];
    if (parsed !== undefined) return parsed;
    const text = this.#texts[id];
    if (text === undefined) return undefined;
    const head = headOf(text);
    const format = new EventFormat(id, head?.[1] ?? `event_${id}`, text);
    this.#parsed[id] = format;
    return format;
  }
}

function headOf(text: FormatText): RegExpExecArray | null {
  return /^name: (\S+)\s+ID: (\d+)/.exec(latin1(text.bytes, 0, Math.min(text.bytes.length, 200)));
}

const fieldLine = /field:([^;]*);\s*offset:(\d+);\s*size:(\d+);(?:\s*signed:(\d+);)?/g;

function parseFields(text: string): Map<string, Field> {
  const fields = new Map<string, Field>();
  for (const [, declaration = '', offset, size, signed] of text.matchAll(fieldLine)) {
    const field = parseDeclaration(declaration, Number(offset), Number(size), signed === '1');
    if (field !== undefined && !fields.has(field.name)) fields.set(field.name, field);
  }
  return fields;
}

function parseDeclaration(declaration: string, offset: number, size: number, signed: boolean): Field | undefined {
  const dynamic = declaration.startsWith('__data_loc ')
    ? 'data_loc'
    : declaration.startsWith('__rel_loc ')
      ? 'rel_loc'
      : 'none';
  const bare = dynamic === 'none' ? declaration.trim() : declaration.replace(/^__(?:data|rel)_loc /, '').trim();
  // The name is the last word before the brackets; a pattern for it would try every split of the type.
  const bracket = bare.endsWith(']') ? bare.indexOf('[', bare.lastIndexOf(' ')) : -1;
  const brackets = bracket === -1 ? '' : bare.slice(bracket);
  const rest = (bracket === -1 ? bare : bare.slice(0, bracket)).trimEnd();
  let nameStart = rest.length;
  while (nameStart > 0 && isWordCharacter(rest.charCodeAt(nameStart - 1))) nameStart -= 1;
  const name = rest.slice(nameStart);
  if (name === '') return undefined;
  const before = rest.slice(0, nameStart).trimEnd();
  const type = before.replace(/\[\]/g, '').trim();
  const isArray = dynamic !== 'none' || brackets !== '' || before.includes('[]');
  const count = Number(/\[(\d+)\]/.exec(brackets)?.[1] ?? 0);
  const isPointer = type.endsWith('*');
  return {
    name,
    type,
    offset,
    size,
    signed,
    isArray,
    isString: isArray && /\bchar\b|\b[us]8\b/.test(type) && !isPointer,
    isPointer,
    isLong: /\blong\b/.test(type) && !/long long/.test(type),
    dynamic,
    elementSize: count > 0 && size % count === 0 ? size / count : sizeOfType(type),
  };
}

function isWordCharacter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95;
}

function sizeOfType(type: string): number {
  if (/long|64|\*/.test(type)) return 8;
  if (/16|short/.test(type)) return 2;
  if (/8|char|bool/.test(type)) return 1;
  return 4;
}
