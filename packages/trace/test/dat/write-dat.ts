import { deflateSync } from 'node:zlib';

/** One event for a synthetic recording: its format number, its payload behind the common fields, and its time step. */
export interface SyntheticEvent {
  readonly id: number;
  readonly pid?: number;
  readonly payload: Uint8Array;
  /** Nanoseconds since the event before. */
  readonly delta: number;
  /** How the time is written: in the event, in an extend before it, or as an absolute time. */
  readonly time?: 'delta' | 'extend' | 'absolute';
  /** A discarded event (padding) of this many bytes stands before it. */
  readonly padding?: number;
}

export interface SyntheticPage {
  readonly timestamp: bigint;
  readonly events: readonly SyntheticEvent[];
  /** Events lost before the page; -1 when the kernel had no room for the number. */
  readonly missed?: number;
}

export interface SyntheticBuffer {
  readonly name: string;
  /** Pages of each CPU. */
  readonly cpus: readonly (readonly SyntheticPage[])[];
}

export interface SyntheticFile {
  readonly version: 6 | 7;
  readonly littleEndian?: boolean;
  readonly longSize?: 4 | 8;
  readonly compression?: 'none' | 'zlib';
  readonly pageSize?: number;
  readonly formats: readonly string[];
  readonly kallsyms?: string;
  readonly cmdlines?: string;
  readonly printk?: string;
  readonly clock?: string;
  readonly buffers: readonly SyntheticBuffer[];
}

/** Bytes in the file's endianness, put one after the other. */
export class Bytes {
  #parts: Uint8Array[] = [];
  #length = 0;
  readonly littleEndian: boolean;

  constructor(littleEndian: boolean) {
    this.littleEndian = littleEndian;
  }

  get length(): number {
    return this.#length;
  }

  raw(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return this;
  }

  text(text: string): this {
    return this.raw(Buffer.from(text, 'latin1'));
  }

  number(size: 1 | 2 | 4 | 8, value: number | bigint): this {
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    if (size === 8) view.setBigUint64(0, BigInt.asUintN(64, BigInt(value)), this.littleEndian);
    else if (size === 4) view.setUint32(0, Number(value), this.littleEndian);
    else if (size === 2) view.setUint16(0, Number(value), this.littleEndian);
    else view.setUint8(0, Number(value));
    return this.raw(bytes);
  }

  align(to: number): this {
    const rest = this.#length % to;
    return rest === 0 ? this : this.raw(new Uint8Array(to - rest));
  }

  done(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}

export const commonFields = `	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;
`;

/** An event format as the kernel writes them. */
export function formatText(name: string, id: number, fields: string, printFmt: string): string {
  return `name: ${name}\nID: ${id}\nformat:\n${commonFields}\n${fields}\nprint fmt: ${printFmt}\n`;
}

function headerPage(longSize: number, pageSize: number): string {
  const data = 8 + longSize;
  return `	field: u64 timestamp;	offset:0;	size:8;	signed:0;
	field: local_t commit;	offset:8;	size:${longSize};	signed:1;
	field: int overwrite;	offset:8;	size:1;	signed:1;
	field: char data;	offset:${data};	size:${pageSize - data};	signed:1;
`;
}

const headerEvent = `# compressed entry header
	type_len    :    5 bits
	time_delta  :   27 bits
	array       :   32 bits

	padding     : type == 29
	time_extend : type == 30
	time_stamp : type == 31
	data max type_len  == 28
`;

/** One ring-buffer page. */
function page(file: SyntheticFile, content: SyntheticPage): Uint8Array {
  const little = file.littleEndian ?? true;
  const longSize = file.longSize ?? 8;
  const pageSize = file.pageSize ?? 4096;
  const data = new Bytes(little);
  const head = (type: number, delta: number): void => {
    data.number(4, little ? (delta * 32 + type) % 2 ** 32 : (type * 2 ** 27 + delta) % 2 ** 32);
  };
  let now = content.timestamp;
  for (const event of content.events) {
    now += BigInt(event.delta);
    if (event.padding !== undefined) {
      head(29, 1);
      now += 1n;
      data.number(4, event.padding).raw(new Uint8Array(event.padding - 4));
    }
    let delta = event.delta;
    if (event.time === 'extend') {
      head(30, event.delta % 2 ** 27);
      data.number(4, Math.floor(event.delta / 2 ** 27));
      delta = 0;
    } else if (event.time === 'absolute') {
      head(31, Number(now % 2n ** 27n));
      data.number(4, (now >> 27n) & 0xffff_ffffn);
      delta = 0;
    }
    const body = new Bytes(little);
    body
      .number(2, event.id)
      .number(1, 0)
      .number(1, 1)
      .number(4, event.pid ?? 7)
      .raw(event.payload)
      .align(4);
    if (body.length <= 112) head(body.length / 4, delta);
    else {
      head(0, delta);
      data.number(4, body.length + 4);
    }
    data.raw(body.done());
  }
  const missed = content.missed ?? 0;
  const flags = missed === 0 ? 0 : missed < 0 ? 2 ** 31 : 2 ** 31 + 2 ** 30;
  const out = new Bytes(little);
  out
    .number(8, content.timestamp)
    .number(longSize, data.length + flags)
    .raw(data.done());
  if (missed > 0) out.number(longSize, missed);
  if (out.length > pageSize) throw new Error('a synthetic page is too full');
  return out.align(pageSize).done();
}

function metaHeader(file: SyntheticFile, out: Bytes): void {
  const longSize = file.longSize ?? 8;
  const pages = headerPage(longSize, file.pageSize ?? 4096);
  out.text('header_page\0').number(8, pages.length).text(pages);
  out.text('header_event\0').number(8, headerEvent.length).text(headerEvent);
}

function metaEvents(file: SyntheticFile, out: Bytes): void {
  out.number(4, 1).text('test\0').number(4, file.formats.length);
  for (const format of file.formats) out.number(8, format.length).text(format);
}

function start(file: SyntheticFile, out: Bytes): void {
  out.raw(Uint8Array.of(0x17, 0x08, 0x44)).text(`tracing${file.version}\0`);
  out
    .number(1, (file.littleEndian ?? true) ? 0 : 1)
    .number(1, file.longSize ?? 8)
    .number(4, file.pageSize ?? 4096);
}

/** Writes a trace.dat as trace-cmd would, in any endianness and long size. */
export function writeDat(file: SyntheticFile): Uint8Array {
  return file.version === 6 ? writeV6(file) : writeV7(file);
}

function writeV6(file: SyntheticFile): Uint8Array {
  const little = file.littleEndian ?? true;
  const out = new Bytes(little);
  start(file, out);
  metaHeader(file, out);
  out.number(4, 0);
  metaEvents(file, out);
  const { kallsyms = '', printk = '', cmdlines = '' } = file;
  out.number(4, kallsyms.length).text(kallsyms);
  out.number(4, printk.length).text(printk);
  out.number(8, cmdlines.length).text(cmdlines);
  const [top, ...instances] = file.buffers;
  const cpus = top?.cpus.length ?? 0;
  out.number(4, cpus).text('options  \0');
  const clock = `local [${file.clock ?? 'mono'}] boot\0`;
  out.number(2, 4).number(4, clock.length).text(clock);
  // The tables' places follow from sizes alone, so they are known before the pages are written.
  const tableBytes = 10 + cpus * 16;
  const optionBytes = instances.reduce((sum, buffer) => sum + 6 + 8 + buffer.name.length + 1, 0);
  const topTable = out.length + optionBytes + 2;
  instances.forEach((buffer, index) => {
    out.number(2, 3).number(4, 8 + buffer.name.length + 1);
    out.number(8, topTable + tableBytes * (index + 1)).text(`${buffer.name}\0`);
  });
  out.number(2, 0);
  const pageSize = file.pageSize ?? 4096;
  let place = Math.ceil((topTable + tableBytes * file.buffers.length) / pageSize) * pageSize;
  const pages: Uint8Array[] = [];
  for (const buffer of file.buffers) {
    out.text('flyrecord\0');
    for (const cpu of buffer.cpus) {
      out.number(8, place).number(8, cpu.length * pageSize);
      place += cpu.length * pageSize;
      for (const content of cpu) pages.push(page(file, content));
    }
  }
  out.align(pageSize);
  for (const bytes of pages) out.raw(bytes);
  return out.done();
}

function writeV7(file: SyntheticFile): Uint8Array {
  const little = file.littleEndian ?? true;
  const compression = file.compression ?? 'none';
  const pageSize = file.pageSize ?? 4096;
  const begin = new Bytes(little);
  start(file, begin);
  begin.text(`${compression}\0${compression === 'none' ? '' : '1'}\0`);
  const base = begin.length + 8;
  const body = new Bytes(little);
  const section = (id: number, fill: (out: Bytes) => void): number => {
    const plain = new Bytes(little);
    fill(plain);
    const place = base + body.length;
    const packed = compression === 'none' ? undefined : deflateSync(plain.done());
    body
      .number(2, id)
      .number(2, packed === undefined ? 0 : 1)
      .number(4, 0);
    if (packed === undefined) body.number(8, plain.length).raw(plain.done());
    else
      body
        .number(8, packed.length + 8)
        .number(4, packed.length)
        .number(4, plain.length)
        .raw(packed);
    return place;
  };
  const { kallsyms = '', printk = '', cmdlines = '' } = file;
  const places: [number, number][] = [
    [16, section(16, (out) => metaHeader(file, out))],
    [17, section(17, (out) => out.number(4, 0))],
    [18, section(18, (out) => metaEvents(file, out))],
    [19, section(19, (out) => out.number(4, kallsyms.length).text(kallsyms))],
    [20, section(20, (out) => out.number(4, printk.length).text(printk))],
    [21, section(21, (out) => out.number(8, cmdlines.length).text(cmdlines))],
  ];
  const buffers = file.buffers.map((buffer) => {
    const place = base + body.length;
    body
      .number(2, 3)
      .number(2, compression === 'none' ? 0 : 1)
      .number(4, 0)
      .number(8, 0);
    const cpus = buffer.cpus.map((pages, cpu) => {
      const plain = pages.map((content) => page(file, content));
      if (compression === 'none') {
        body.raw(new Uint8Array((pageSize - ((base + body.length) % pageSize)) % pageSize));
        const offset = base + body.length;
        for (const bytes of plain) body.raw(bytes);
        return { cpu, offset, size: plain.length * pageSize };
      }
      const offset = base + body.length;
      const chunks = plain.map((bytes) => deflateSync(bytes));
      body.number(4, chunks.length);
      for (const chunk of chunks) body.number(4, chunk.length).number(4, pageSize).raw(chunk);
      // As trace-cmd does, the count in front is not part of the size.
      return { cpu, offset, size: base + body.length - offset - 4 };
    });
    return { name: buffer.name, place, cpus };
  });
  const options = base + body.length;
  const list = new Bytes(little);
  for (const [id, place] of places) list.number(2, id).number(4, 8).number(8, place);
  const clock = `local [${file.clock ?? 'mono'}] boot\0`;
  list.number(2, 4).number(4, clock.length).text(clock);
  for (const buffer of buffers) {
    const data = new Bytes(little);
    data.number(8, buffer.place).text(`${buffer.name}\0${file.clock ?? 'mono'}\0`);
    data.number(4, pageSize).number(4, buffer.cpus.length);
    for (const cpu of buffer.cpus) data.number(4, cpu.cpu).number(8, cpu.offset).number(8, cpu.size);
    list.number(2, 3).number(4, data.length).raw(data.done());
  }
  list.number(2, 0).number(4, 8).number(8, 0);
  body.number(2, 0).number(2, 0).number(4, 0).number(8, list.length).raw(list.done());
  return begin.number(8, options).raw(body.done()).done();
}
