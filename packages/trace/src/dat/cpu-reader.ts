import type { PageBlock, ReportLoss } from './page-blocks.ts';
import type { PageFormat } from './page-format.ts';

const commitMask = 0x07ff_ffff;
const missedStored = 0x4000_0000;
const missedEvents = 0x8000_0000;

/** Event header types above the data lengths. */
const padding = 29;
const timeExtend = 30;
const timeStamp = 31;

/** Header and one word of data. */
const shortestEvent = 8;

const two27 = 2 ** 27;
const two32 = 2 ** 32;
/** Timestamps further than this from the first one (104 days) cannot be exact numbers, and are damage. */
const farAway = Number.MAX_SAFE_INTEGER;

/** The timestamp that all others are counted from, so that nanoseconds since boot stay exact numbers. */
export class Epoch {
  set = false;
  high = 0;
  low = 0;

  start(high: number, low: number): void {
    this.set = true;
    this.high = high;
    this.low = low;
  }

  get nanoseconds(): bigint {
    return (BigInt(this.high) << 32n) | BigInt(this.low);
  }
}

/**
 * Walks the events of one CPU of one buffer, in their order. It is a cursor: `next` moves it, and the fields say where
 * the event stands. Nothing is allocated for an event.
 */
export class CpuReader {
  readonly cpu: number;
  /** Position among all CPUs of all buffers: on equal timestamps the lower goes first. */
  readonly order: number;
  readonly bufferName: string;
  readonly littleEndian: boolean;
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  /** The event's data in `bytes`. */
  start = 0;
  size = 0;
  /** Nanoseconds (or ticks) since the epoch. */
  time = 0;
  /** Events lost right before this one: 0 none, -1 an unknown number. Whoever reports it sets it to 0. */
  missed = 0;
  readonly #blocks: Iterator<PageBlock>;
  readonly #pageSize: number;
  readonly #format: PageFormat;
  readonly #epoch: Epoch;
  readonly #lost: ReportLoss;
  readonly #leaving: () => void;
  #fileOffset = 0;
  #page = -1;
  #at = 0;
  #end = 0;

  constructor(
    place: {
      readonly cpu: number;
      readonly order: number;
      readonly bufferName: string;
      readonly littleEndian: boolean;
    },
    blocks: Iterator<PageBlock>,
    pageSize: number,
    format: PageFormat,
    epoch: Epoch,
    lost: ReportLoss,
    leaving: () => void,
  ) {
    this.cpu = place.cpu;
    this.order = place.order;
    this.bufferName = place.bufferName;
    this.littleEndian = place.littleEndian;
    this.#blocks = blocks;
    this.#pageSize = pageSize;
    this.#format = format;
    this.#epoch = epoch;
    this.#lost = lost;
    this.#leaving = leaving;
  }

  /** Moves to the next event; false when there is none. */
  next(): boolean {
    for (;;) {
      const at = this.#at;
      const end = this.#end;
      if (at + 4 > end) {
        if (at < end) this.#damaged(at);
        if (!this.#nextPage()) return false;
        continue;
      }
      const word = this.view.getUint32(at, this.littleEndian);
      const type = this.littleEndian ? word & 31 : word >>> 27;
      const delta = this.littleEndian ? word >>> 5 : word & 0x07ff_ffff;
      if (type !== 0 && type < padding) {
        const start = at + 4;
        const next = start + type * 4;
        if (next <= end) {
          this.start = start;
          this.size = type * 4;
          this.time += delta;
          this.#at = next;
          return true;
        }
        this.#damaged(at);
        continue;
      }
      if (at + 8 > end) {
        // A padding of which only the header fits is how a full page ends.
        if (type !== padding) this.#damaged(at);
        this.#at = end;
        continue;
      }
      const extra = this.view.getUint32(at + 4, this.littleEndian);
      if (type === 0) {
        const length = (extra - 4 + 3) & ~3;
        if (extra >= 4 && length >= 0 && at + 8 + length <= end) {
          this.start = at + 8;
          this.size = length;
          this.time += delta;
          this.#at = at + 8 + length;
          return true;
        }
        this.#damaged(at);
      } else if (type === timeExtend) {
        this.time += extra * two27 + delta;
        this.#at = at + 8;
        if (this.time > farAway) this.#damaged(at);
      } else if (type === timeStamp) {
        this.#absolute(extra, delta, at);
      } else {
        // Padding inside a page is an event that was given up again. Without a time it fills what is too short for any
        // event; were it longer, skipping it would hide events.
        this.time += delta;
        const next = at + 4 + extra;
        if (delta === 0 && end - at <= shortestEvent) this.#at = end;
        else if (delta !== 0 && next > at + 4 && next <= end && (extra & 3) === 0) this.#at = next;
        else this.#damaged(at);
      }
    }
  }

  /** An absolute time has 59 bits; the upper five are those of the time so far. */
  #absolute(extra: number, delta: number, at: number): void {
    const epoch = this.#epoch;
    const epochExtra = (epoch.high & 0x07ff_ffff) * 32 + (epoch.low >>> 27);
    this.time = (extra - epochExtra) * two27 + (delta - (epoch.low & 0x07ff_ffff));
    this.#at = at + 8;
    if (Math.abs(this.time) > farAway) this.#damaged(at);
  }

  #damaged(at: number): void {
    this.#lost(
      `CPU ${this.cpu}: the page at byte ${this.#fileOffset + this.#page} cannot be read from its byte ${at - this.#page} on: ` +
        `${this.#end - at} bytes of events are lost`,
    );
    this.#at = this.#end;
  }

  #nextPage(): boolean {
    for (;;) {
      this.#page += this.#pageSize;
      if (this.#page < 0 || this.#page + this.#pageSize > this.bytes.length) {
        // The next block comes in the same memory.
        this.#leaving();
        const block = this.#blocks.next();
        if (block.done === true) {
          this.bytes = new Uint8Array(0);
          this.#at = 0;
          this.#end = 0;
          return false;
        }
        this.bytes = block.value.bytes;
        this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
        this.#fileOffset = block.value.fileOffset;
        this.#page = 0;
        if (this.bytes.length < this.#pageSize) continue;
      }
      if (this.#openPage()) return true;
    }
  }

  #openPage(): boolean {
    const { commitOffset, commitSize, dataOffset } = this.#format;
    const page = this.#page;
    const view = this.view;
    const little = this.littleEndian;
    const first = view.getUint32(page, little);
    const second = view.getUint32(page + 4, little);
    const high = little ? second : first;
    const low = little ? first : second;
    // The flags and the length are in the low word of the long, whatever its size.
    const commit = view.getUint32(page + commitOffset + (commitSize === 8 && !little ? 4 : 0), little);
    const used = commit & commitMask;
    this.#at = page + dataOffset;
    this.#end = page + dataOffset + used;
    if (this.#end > page + this.#pageSize) {
      this.#end = page + this.#pageSize;
      this.#lost(
        `CPU ${this.cpu}: the page at byte ${this.#fileOffset + page} claims ${used} bytes of events, which no page has: it is lost`,
      );
      return false;
    }
    if (!this.#epoch.set) this.#epoch.start(high, low);
    this.time = (high - this.#epoch.high) * two32 + (low - this.#epoch.low);
    if (Math.abs(this.time) > farAway) {
      this.#lost(
        `CPU ${this.cpu}: the page at byte ${this.#fileOffset + page} is dated more than 104 days from the first: it is lost`,
      );
      return false;
    }
    const stored = (commit & missedEvents) === 0 ? 0 : this.#readMissed(commit);
    this.#checkRest(this.#end + stored, page + this.#pageSize);
    return true;
  }

  /** The kernel clears a page behind its events: data there mean that the page's length is damaged. */
  #checkRest(from: number, to: number): void {
    let at = from;
    while (at < to && this.bytes[at] === 0) at += 1;
    if (at === to) return;
    this.#lost(
      `CPU ${this.cpu}: the page at byte ${this.#fileOffset + this.#page} has data behind its last event, ` +
        'so its length is damaged and events may be missing',
    );
  }

  /** The kernel stores the number behind the page's events when there is room. Returns how many bytes that takes. */
  #readMissed(commit: number): number {
    const size = this.#format.commitSize;
    this.missed = -1;
    if ((commit & missedStored) === 0 || this.#page + this.#pageSize - this.#end < size) return 0;
    const low = this.view.getUint32(this.#end + (size === 8 && !this.littleEndian ? 4 : 0), this.littleEndian);
    if (low !== 0) this.missed = low;
    return size;
  }
}
