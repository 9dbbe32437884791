import { applyBinary, applyUnary, castTo } from './arithmetic.ts';
import type { Field } from './event-format.ts';
import { dataRange, type EventView, readBig, readText, readWord } from './event-view.ts';
import type { PrintContext } from './print-context.ts';
import type { PrintNode } from './print-parser.ts';

/** How many elements of an array are printed at most; the kernel's arrays are far shorter. */
const maxElements = 4096;

/** An argument's value as an unsigned 64-bit number. What is no number is 0. */
export function evaluateNumber(node: PrintNode, event: EventView, context: PrintContext): bigint {
  switch (node.kind) {
    case 'number':
      return node.value;
    case 'field':
      return fieldNumber(node.field, event);
    case 'symbol-address':
      return context.symbols().addressOf(node.name);
    case 'cast':
      return castTo(node.type, evaluateNumber(node.item, event, context));
    case 'unary':
      return applyUnary(node.op, evaluateNumber(node.item, event, context));
    case 'binary':
      return applyBinary(
        node.op,
        evaluateNumber(node.left, event, context),
        evaluateNumber(node.right, event, context),
      );
    case 'condition':
      return evaluateNumber(evaluateNumber(node.test, event, context) === 0n ? node.no : node.yes, event, context);
    case 'index':
      return elementNumber(
        node.array,
        Number(evaluateNumber(node.index, event, context) & 0xffff_ffffn),
        event,
        context,
      );
    case 'dynamic-length':
      return BigInt(dataRange(event, node.field).length);
    default:
      return 0n;
  }
}

function fieldNumber(field: Field, event: EventView): bigint {
  return readBig(event, field.offset, field.size);
}

function elementNumber(array: PrintNode, index: number, event: EventView, context: PrintContext): bigint {
  let node = array;
  let pointed: string | undefined;
  while (node.kind === 'cast') {
    pointed ??= node.type.replace(/\s*\*$/, '');
    node = node.item;
  }
  if (node.kind !== 'field' && node.kind !== 'dynamic-array') return 0n;
  const { field } = node;
  const { offset } = dataRange(event, field);
  const size = field.elementSize === 0 ? context.longSize : field.elementSize;
  const value = readBig(event, offset + index * size, size);
  return pointed === undefined ? value : castTo(pointed, value);
}

/** An argument's value as text, before width and precision; `fit` applies those to each piece. */
export function evaluateText(
  node: PrintNode,
  event: EventView,
  context: PrintContext,
  fit: (text: string) => string,
): string {
  switch (node.kind) {
    case 'string':
      return fit(node.text);
    case 'field':
      return fieldText(node.field, event, context, fit);
    case 'dynamic-string': {
      const { offset, length } = dataRange(event, node.field);
      return length === 0 ? '' : fit(readText(event, offset, event.size - offset));
    }
    case 'condition':
      return evaluateText(evaluateNumber(node.test, event, context) === 0n ? node.no : node.yes, event, context, fit);
    case 'flags': {
      let value = evaluateNumber(node.item, event, context);
      const parts: string[] = [];
      for (const flag of node.list) {
        const negative = flag.value >= 0x8000_0000_0000_0000n;
        if (value === 0n && negative) {
          parts.push(fit(flag.text));
          break;
        }
        if (!negative && flag.value !== 0n && (value & flag.value) === flag.value) {
          parts.push(fit(flag.text));
          value &= ~flag.value;
        }
      }
      if (value !== 0n) parts.push(`0x${value.toString(16)}`);
      return parts.join(node.delimiter);
    }
    case 'symbolic': {
      const value = evaluateNumber(node.item, event, context);
      const found = node.list.find((symbol) => symbol.value === value);
      return found === undefined ? `0x${value.toString(16)}` : fit(found.text);
    }
    case 'hex': {
      const bytes = arrayBytes(node.item, Number(evaluateNumber(node.length, event, context) & 0xffff_ffffn), event);
      return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(node.delimiter);
    }
    case 'array':
      return arrayText(node, event, context);
    case 'bitmask': {
      const { offset, length } = dataRange(event, node.field);
      return bitmaskText(event, offset, length);
    }
    default:
      return '';
  }
}

function fieldText(field: Field, event: EventView, context: PrintContext, fit: (text: string) => string): string {
  if (!field.isArray && field.size === context.longSize) {
    // A pointer to a string of the kernel, which only the printk table knows.
    const address = fieldNumber(field, event);
    return context.printk(address) ?? address.toString(16);
  }
  if (field.dynamic !== 'none') {
    const { offset, length } = dataRange(event, field);
    return fit(readText(event, offset, length));
  }
  const length = field.size === 0 ? event.size - field.offset : field.size;
  return fit(readText(event, field.offset, length));
}

function arrayBytes(node: PrintNode, length: number, event: EventView): Uint8Array {
  let item = node;
  while (item.kind === 'cast') item = item.item;
  if (item.kind !== 'field' && item.kind !== 'dynamic-array' && item.kind !== 'dynamic-string')
    return new Uint8Array(0);
  const { offset } = dataRange(event, item.field);
  const from = event.start + offset;
  return event.bytes.subarray(from, Math.min(from + length, event.start + event.size));
}

function arrayText(node: PrintNode & { kind: 'array' }, event: EventView, context: PrintContext): string {
  let item = node.item;
  while (item.kind === 'cast') item = item.item;
  if (item.kind !== 'field' && item.kind !== 'dynamic-array') return '{}';
  const { offset } = dataRange(event, item.field);
  const size = Number(evaluateNumber(node.size, event, context) & 0xffn);
  const count = Number(evaluateNumber(node.count, event, context) & 0xffff_ffffn);
  const known = size === 1 || size === 2 || size === 4 || size === 8;
  const parts: string[] = [];
  for (let index = 0; index < Math.min(count, maxElements); index += 1) {
    const at = offset + index * (known ? size : 1);
    if (at >= event.size) break;
    const text = `0x${readBig(event, at, known ? size : 1).toString(16)}`;
    parts.push(known ? text : `BAD SIZE:${size} ${text}`);
  }
  return `{${parts.join(',')}}`;
}

/** A mask as hex words of 32 bits, the highest first, with commas between. */
function bitmaskText(event: EventView, offset: number, length: number): string {
  const words: string[] = [];
  for (let at = 0; at + 4 <= length; at += 4) {
    words.unshift(
      readWord(event, offset + at, 4)
        .toString(16)
        .padStart(8, '0'),
    );
  }
  return words.join(',');
}
