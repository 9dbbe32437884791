import type { CpuReader } from './cpu-reader.ts';
import type { EventView } from './event-view.ts';

const NOWHERE = /* @__PURE__ */ new DataView(new ArrayBuffer(0));

/** Where a record's event stands. Apart from the reader's own cursor, which goes on while records are come back to. */
export class EventPlace implements EventView {
  bytes: Uint8Array;
  view: DataView;
  start = 0;
  size = 0;
  littleEndian: boolean;
  cpu = 0;
  time = 0;
  /** Position of its reader among all. */
  order = 0;
  bufferName = '';

  constructor(reader: CpuReader) {
    this.bytes = reader.bytes;
    this.view = NOWHERE;
    this.littleEndian = reader.littleEndian;
    this.take(reader, reader.start, reader.size, reader.time);
  }

  /** A place among those that the reader has in memory now. */
  take(reader: CpuReader, start: number, size: number, time: number): void {
    this.start = start;
    this.size = size;
    this.time = time;
    // Mostly it is the same reader as before, in the same block.
    if (this.view === reader.view) return;
    this.bytes = reader.bytes;
    this.view = reader.view;
    this.littleEndian = reader.littleEndian;
    this.cpu = reader.cpu;
    this.order = reader.order;
    this.bufferName = reader.bufferName;
  }
}
