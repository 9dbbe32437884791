import type { Field } from './event-format.ts';

/** Where one event's bytes are. The cursor over a CPU is one; every read stays inside the event. */
export interface EventView {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly start: number;
  readonly size: number;
  readonly littleEndian: boolean;
}

/** An unsigned number of up to 32 bits; 0 when the event is too short to have it. */
export function readWord(event: EventView, offset: number, size: number): number {
  if (offset + size > event.size) return 0;
  const at = event.start + offset;
  if (size === 4) return event.view.getUint32(at, event.littleEndian);
  if (size === 2) return event.view.getUint16(at, event.littleEndian);
  if (size === 1) return event.view.getUint8(at);
  return 0;
}

/** The upper half of a 64-bit number; 0 when the event is too short. */
export function readHigh(event: EventView, offset: number): number {
  if (offset + 8 > event.size) return 0;
  return event.view.getUint32(event.start + offset + (event.littleEndian ? 4 : 0), event.littleEndian);
}

/** The lower half of a 64-bit number; 0 when the event is too short. */
export function readLow(event: EventView, offset: number): number {
  if (offset + 8 > event.size) return 0;
  return event.view.getUint32(event.start + offset + (event.littleEndian ? 0 : 4), event.littleEndian);
}

/** An unsigned number of 1, 2, 4 or 8 bytes; 0 for other sizes, and when the event is too short. */
export function readBig(event: EventView, offset: number, size: number): bigint {
  if (size === 8) return (BigInt(readHigh(event, offset)) << 32n) | BigInt(readLow(event, offset));
  return BigInt(readWord(event, offset, size));
}

/** Where a field's data are, cut to the event: a damaged length never reaches into the next event. */
export function dataRange(event: EventView, field: Field): { offset: number; length: number } {
  let offset = field.offset;
  let length = field.size === 0 ? event.size - offset : field.size;
  if (field.dynamic !== 'none') {
    const where = readWord(event, field.offset, Math.min(4, field.size));
    offset = where & 0xffff;
    length = where >>> 16;
    if (field.dynamic === 'rel_loc') offset += field.offset + field.size;
  }
  if (offset > event.size) return { offset: event.size, length: 0 };
  return { offset, length: Math.max(0, Math.min(length, event.size - offset)) };
}

const utf8 = new TextDecoder();

/** Text up to a NUL byte or the end of the range. */
export function readText(event: EventView, offset: number, length: number): string {
  const from = event.start + Math.min(offset, event.size);
  const limit = Math.min(from + length, event.start + event.size);
  const bytes = event.bytes;
  let end = from;
  let ascii = true;
  while (end < limit && bytes[end] !== 0) {
    if ((bytes[end] as number) > 127) ascii = false;
    end += 1;
  }
  if (end - from > 32 || !ascii) return utf8.decode(bytes.subarray(from, end));
  let text = '';
  for (let at = from; at < end; at += 1) text += String.fromCharCode(bytes[at] as number);
  return text;
}
