import type { Symbols } from './symbols.ts';

/** What an event's text needs beside the event: the tables of its recording. */
export interface PrintContext {
  /** The symbol table; opened on the first use. */
  symbols(): Symbols;
  /** A string of the kernel by its address, as `trace_printk` leaves them. */
  printk(address: bigint): string | undefined;
  readonly longSize: 4 | 8;
}

const hexCache = { high: new Uint32Array(4096), low: new Uint32Array(4096), text: new Array<string>(4096).fill('') };

/** Two words as one hex number without leading zeros. Addresses come again and again, so the last ones are kept. */
export function hex64(high: number, low: number): string {
  if (high === 0) return low.toString(16);
  const slot = (low ^ (low >>> 12) ^ high) & 4095;
  if (hexCache.high[slot] === high && hexCache.low[slot] === low) return hexCache.text[slot] as string;
  const text = high.toString(16) + low.toString(16).padStart(8, '0');
  hexCache.high[slot] = high;
  hexCache.low[slot] = low;
  hexCache.text[slot] = text;
  return text;
}
