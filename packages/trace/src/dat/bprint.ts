import type { EventFormat } from './event-format.ts';
import { type EventView, readBig, readText } from './event-view.ts';
import type { PrintContext } from './print-context.ts';
import type { PrintNode } from './print-parser.ts';
import { buildRender } from './print-render.ts';
import { type Conversion, parseFormat } from './printf.ts';

/**
 * The text of a `trace_printk` record, which carries only the address of its format and the arguments' bytes, packed:
 * 4-byte aligned numbers of their C size, strings with their NUL.
 */
export function bprintText(event: EventView, format: EventFormat, context: PrintContext): string {
  const ip = format.fields.get('ip');
  const fmt = format.fields.get('fmt');
  const buf = format.fields.get('buf');
  if (ip === undefined || fmt === undefined || buf === undefined) return '';
  const caller = readBig(event, ip.offset, ip.size);
  const where = context.symbols().nameAt(Number(caller >> 32n), Number(caller & 0xffff_ffffn));
  const lead = `${where ?? `0x${caller.toString(16)}`}: `;
  const address = readBig(event, fmt.offset, fmt.size);
  const text = context.printk(address);
  if (text === undefined) return `${lead}(NO FORMAT FOUND at ${address.toString(16)})\n`;
  return lead + fill(text, event, buf.offset, context);
}

function fill(text: string, event: EventView, start: number, context: PrintContext): string {
  let at = start;
  const number = (size: number): PrintNode => {
    at = (at + 3) & ~3;
    const value = readBig(event, at, size);
    at += size;
    return { kind: 'number', value };
  };
  let out = '';
  for (const piece of parseFormat(text)) {
    if ('text' in piece) {
      out += piece.text;
      continue;
    }
    const { conversion } = piece;
    const stars: PrintNode[] = [];
    if (conversion.width === '*') stars.push(number(4));
    if (conversion.precision === '*') stars.push(number(4));
    let node: PrintNode;
    if (conversion.letter === 's') {
      const string = readText(event, at, event.size);
      at += Buffer.byteLength(string) + 1;
      node = { kind: 'string', text: string };
    } else {
      node = number(sizeOf(conversion, context));
    }
    out += buildRender(conversion, node, stars, context)(event);
  }
  return out;
}

function sizeOf(conversion: Conversion, context: PrintContext): number {
  if (conversion.letter === 'p' || conversion.length === 1) return context.longSize;
  return conversion.length === 2 ? 8 : 4;
}
