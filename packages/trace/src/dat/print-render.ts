import type { Field } from './event-format.ts';
import { dataRange, type EventView, readBig, readHigh, readLow, readWord } from './event-view.ts';
import { hex64, type PrintContext } from './print-context.ts';
import { evaluateNumber, evaluateText } from './print-evaluate.ts';
import type { PrintNode } from './print-parser.ts';
import { type Conversion, formatInteger, formatText } from './printf.ts';

/** Makes one conversion's text for an event. */
export type Render = (event: EventView) => string;

const symbolSuffixes = 'SsFfB';

/** The conversion prints a symbol for an address. */
export function isSymbol(conversion: Conversion): boolean {
  return (
    conversion.letter === 'p' && conversion.suffix !== '' && symbolSuffixes.includes(conversion.suffix[0] as string)
  );
}

/** A plain number field, with casts that don't narrow it stripped; the common case, for which the fast paths are. */
export function plainField(node: PrintNode): Field | undefined {
  let item = node;
  while (item.kind === 'cast') {
    const narrow = /^(unsigned )?(char|short|int)$|^[us](8|16|32)$/.test(item.type);
    if (narrow && !(item.item.kind === 'field' && item.item.field.size <= 4 && /int$|32$/.test(item.type)))
      return undefined;
    item = item.item;
  }
  if (item.kind !== 'field') return undefined;
  const { field } = item;
  const size = field.size;
  return !field.isArray && (size === 1 || size === 2 || size === 4 || size === 8) ? field : undefined;
}

/** Builds the function that prints one conversion: chosen once for an event's format, not once for an event. */
export function buildRender(
  conversion: Conversion,
  node: PrintNode,
  stars: readonly PrintNode[],
  context: PrintContext,
): Render {
  const field = plainField(node);
  const simple = conversion.flags === '' && conversion.width === undefined && conversion.precision === undefined;
  if (conversion.letter === 'p') return renderPointer(conversion, node, field, context);
  if (conversion.letter === 's') return renderText(conversion, node, stars, context, simple);
  if (field !== undefined && simple) {
    const fast = renderPlainNumber(conversion, field);
    if (fast !== undefined) return fast;
  }
  return remember(
    node,
    (event) => {
      const [width, precision] = measures(conversion, stars, event, context);
      return formatInteger(evaluateNumber(node, event, context), conversion, width, precision);
    },
    stars,
  );
}

/** The common integer conversions of a field, without big integers where the field is small. */
function renderPlainNumber(conversion: Conversion, field: Field): Render | undefined {
  const { offset, size } = field;
  const hex = conversion.letter === 'x';
  if (conversion.letter !== 'd' && conversion.letter !== 'u' && conversion.letter !== 'i' && !hex) return undefined;
  if (conversion.length < 0) return undefined;
  if (size < 8) {
    if (hex) return (event) => readWord(event, offset, size).toString(16);
    // A 32-bit number becomes negative only through the conversion's own cast, as in C.
    if (conversion.letter !== 'u' && conversion.length === 0)
      return (event) => String(readWord(event, offset, size) | 0);
    return (event) => String(readWord(event, offset, size));
  }
  if (conversion.length === 0) {
    if (hex) return (event) => readLow(event, offset).toString(16);
    if (conversion.letter === 'u') return (event) => String(readLow(event, offset));
    return (event) => String(readLow(event, offset) | 0);
  }
  if (hex) return (event) => hex64(readHigh(event, offset), readLow(event, offset));
  return (event) => {
    if (readHigh(event, offset) === 0) return String(readLow(event, offset));
    return formatInteger(readBig(event, offset, 8), conversion);
  };
}

function renderPointer(
  conversion: Conversion,
  node: PrintNode,
  field: Field | undefined,
  context: PrintContext,
): Render {
  const kind = conversion.suffix[0] ?? '';
  if (isSymbol(conversion)) {
    const withOffset = kind === 'S' || kind === 'F';
    const show = (high: number, low: number): string => {
      const symbols = context.symbols();
      const text = withOffset ? symbols.withOffset(high, low) : symbols.nameAt(high, low);
      return text ?? `0x${hex64(high, low)}`;
    };
    if (field?.size === 8) {
      const { offset } = field;
      return (event) => show(readHigh(event, offset), readLow(event, offset));
    }
    return (event) => {
      const value = evaluateNumber(node, event, context);
      return show(Number(value >> 32n), Number(value & 0xffff_ffffn));
    };
  }
  if (kind === 'M' || kind === 'm') return (event) => macText(rawBytes(node, event, 6), conversion.suffix);
  if (conversion.suffix.startsWith('I4') || conversion.suffix.startsWith('i4')) {
    return (event) => Array.from(rawBytes(node, event, 4)).join('.');
  }
  if (kind === 'h') {
    const length = typeof conversion.width === 'number' ? conversion.width : 1;
    const delimiter =
      conversion.suffix === 'hC' ? ':' : conversion.suffix === 'hD' ? '-' : conversion.suffix === 'hN' ? '' : ' ';
    return (event) => Array.from(rawBytes(node, event, length), hexByte).join(delimiter);
  }
  // The text form is that of C's printf: trace-cmd has the address itself, not the kernel's hash of it.
  const pointer = (high: number, low: number): string => (high === 0 && low === 0 ? '(nil)' : `0x${hex64(high, low)}`);
  if (field?.size === 8) return (event) => pointer(readHigh(event, field.offset), readLow(event, field.offset));
  return (event) => {
    const value = evaluateNumber(node, event, context);
    return pointer(Number(value >> 32n), Number(value & 0xffff_ffffn));
  };
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function macText(bytes: Uint8Array, suffix: string): string {
  const hex = Array.from(bytes, hexByte);
  if (suffix.endsWith('R')) hex.reverse();
  return hex.join(suffix.startsWith('m') ? '' : suffix.endsWith('F') ? '-' : ':');
}

/** The bytes that a pointer argument points to: those of an array in the event. */
function rawBytes(node: PrintNode, event: EventView, length: number): Uint8Array {
  let item = node;
  while (item.kind === 'cast') item = item.item;
  if (item.kind !== 'field' && item.kind !== 'dynamic-array' && item.kind !== 'dynamic-string')
    return new Uint8Array(length);
  const from = event.start + dataRange(event, item.field).offset;
  return event.bytes.subarray(from, Math.min(from + length, event.start + event.size));
}

function renderText(
  conversion: Conversion,
  node: PrintNode,
  stars: readonly PrintNode[],
  context: PrintContext,
  simple: boolean,
): Render {
  if (simple) return remember(node, (event) => evaluateText(node, event, context, same), stars);
  return remember(
    node,
    (event) => {
      const [width, precision] = measures(conversion, stars, event, context);
      return evaluateText(node, event, context, (text) => formatText(text, conversion.flags, width, precision));
    },
    stars,
  );
}

function same(text: string): string {
  return text;
}

/** Width and precision, where arguments give them (`%.*s`). */
function measures(
  conversion: Conversion,
  stars: readonly PrintNode[],
  event: EventView,
  context: PrintContext,
): [number | undefined, number | undefined] {
  let star = 0;
  const resolve = (value: number | '*' | undefined): number | undefined => {
    if (value !== '*') return value;
    const node = stars[star++];
    if (node === undefined) return undefined;
    return Math.min(4096, Number(BigInt.asIntN(32, evaluateNumber(node, event, context))));
  };
  return [resolve(conversion.width), resolve(conversion.precision)];
}

/** How many different values of one conversion are kept. */
const maxRemembered = 2048;

/**
 * A conversion that depends on one number field only (a mask, a state) has few different texts in a recording, each
 * costly to make: they are kept by the field's value. Symbols and strings depend on more and are left alone.
 */
function remember(node: PrintNode, render: Render, stars: readonly PrintNode[]): Render {
  const field = stars.length > 0 ? undefined : onlyField([node]);
  if (field === undefined) return render;
  const { offset, size } = field;
  const texts = new Map<number, string>();
  return (event) => {
    if (size === 8 && readHigh(event, offset) !== 0) return render(event);
    const key = (size === 8 ? readLow(event, offset) : readWord(event, offset, size)) | 0;
    let text = texts.get(key);
    if (text === undefined) {
      text = render(event);
      if (texts.size >= maxRemembered) texts.clear();
      texts.set(key, text);
    }
    return text;
  };
}

/** The one number field that some arguments depend on; `undefined` when there is none, or they depend on more. */
export function onlyField(nodes: readonly PrintNode[]): Field | undefined {
  const fields = new Set<Field>();
  if (!nodes.every((node) => collectFields(node, fields)) || fields.size !== 1) return undefined;
  const [field] = fields;
  return field === undefined || !isNumber(field) ? undefined : field;
}

/** The field is a number that fits into two words. */
export function isNumber(field: Field): boolean {
  return !field.isArray && (field.size === 1 || field.size === 2 || field.size === 4 || field.size === 8);
}

/** Collects the fields an argument reads; false when it reads more than numbers. */
function collectFields(node: PrintNode, into: Set<Field>): boolean {
  switch (node.kind) {
    case 'number':
    case 'string':
    case 'symbol-address':
      return true;
    case 'field':
      into.add(node.field);
      return !node.field.isArray;
    case 'cast':
    case 'unary':
    case 'flags':
    case 'symbolic':
      return collectFields(node.item, into);
    case 'binary':
      return collectFields(node.left, into) && collectFields(node.right, into);
    case 'condition':
      return collectFields(node.test, into) && collectFields(node.yes, into) && collectFields(node.no, into);
    default:
      return false;
  }
}
