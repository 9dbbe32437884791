import { latin1, MetaCursor } from './bytes.ts';
import { canDecompress, decompress } from './compression.ts';
import { TraceDatError } from './error.ts';
import { FileCursor } from './file-cursor.ts';
import { checkPageSize, type FileStart } from './header.ts';
import { type BufferLayout, type CpuLayout, type FormatText, maxCpus, type TraceDatLayout } from './layout.ts';
import {
  type OptionSink,
  option,
  readCommonOption,
  readEventFormats,
  readFtraceFormats,
  readHeaderInfo,
} from './meta.ts';
import type { ByteSource } from './source.ts';
import { findUnclaimed } from './unclaimed.ts';
import { findCpus, walkSections } from './v7-recover.ts';

const compressedFlag = 1;
/** Two, two, four and eight bytes. */
const sectionHeaderBytes = 16;
/** A chain of options longer than this is a loop. */
const maxOptionSections = 1024;

interface Sections {
  readonly source: ByteSource;
  readonly littleEndian: boolean;
  readonly compression: string;
}

/** Version 7: sections anywhere in the file, found through a chain of options sections, most of them compressed. */
export function readLayoutV7(source: ByteSource, start: FileStart): TraceDatLayout {
  const cursor = new FileCursor(source, start.end, start.littleEndian);
  const compression = cursor.cString('the name of the compression', 64);
  cursor.cString('the version of the compression', 256);
  if (!canDecompress(compression)) {
    throw new TraceDatError(
      'TRACE_DAT_COMPRESSION',
      start.end,
      `compression ${JSON.stringify(compression)} is not understood, only zstd, zlib and none; try \`trace-cmd convert --compression none\``,
    );
  }
  const sections: Sections = { source, littleEndian: start.littleEndian, compression };
  const options: OptionSink = { timestampOffset: 0n };
  const places = new Map<number, number>();
  const found: BufferOption[] = [];
  const problems: string[] = [];
  let next = cursor.u64('the offset of the options');
  const firstSection = cursor.offset;
  let cut: TraceDatError | undefined;
  for (let count = 0; next !== 0; count += 1) {
    if (count === maxOptionSections) {
      throw new TraceDatError('TRACE_DAT_FORMAT', next, 'the options sections form a loop: the file is damaged');
    }
    try {
      next = readOptionsSection(sections, next, options, places, found, problems);
    } catch (error) {
      // What the first options name can be read even when the later ones, written last, were cut off.
      if (!(error instanceof TraceDatError)) throw error;
      cut = error;
      if (found.length > 0) problems.push(`later options are lost: ${error.message}`);
      break;
    }
  }
  const place = (id: number, what: string): MetaCursor => {
    const offset = places.get(id);
    if (offset === undefined) {
      throw new TraceDatError('TRACE_DAT_FORMAT', 0, `the file names no ${what} section: it is damaged`);
    }
    return openSection(sections, offset, what);
  };
  const recovered =
    found.length > 0 || cut === undefined ? [] : recover(sections, start, firstSection, places, problems);
  if (found.length === 0 && recovered.length === 0) {
    if (cut !== undefined) throw cut;
    throw new TraceDatError(
      'TRACE_DAT_FORMAT',
      0,
      'the file names no buffer with events: it is damaged or was cut off',
    );
  }
  const { headerPage, headerEvent } = readHeaderInfo(place(option.headerInfo, 'header'));
  const formats: FormatText[] = [];
  readFtraceFormats(place(option.ftraceEvents, 'ftrace formats'), formats);
  readEventFormats(place(option.eventFormats, 'event formats'), formats);
  const optionalText = (id: number, what: string, wide: boolean): string => {
    if (!places.has(id)) return '';
    try {
      const data = place(id, what);
      return latin1(data.bytes(wide ? data.u64(`the size of ${what}`) : data.u32(`the size of ${what}`), what));
    } catch (error) {
      if (!(error instanceof TraceDatError)) throw error;
      problems.push(`${what} are lost: ${error.message}`);
      return '';
    }
  };
  return {
    ...start,
    version: 7,
    compression,
    headerPage,
    headerEvent,
    formats,
    kallsyms() {
      if (!places.has(option.kallsyms)) return new Uint8Array(0);
      const data = place(option.kallsyms, 'kallsyms');
      return data.bytes(data.u32('the size of kallsyms'), 'kallsyms');
    },
    printk: optionalText(option.printk, 'the printk formats', false),
    cmdlines: optionalText(option.cmdlines, 'the task names', true),
    options,
    buffers: recovered.length > 0 ? recovered : found.map((buffer) => openBuffer(sections, buffer, problems)),
    problems,
    ...(recovered.length > 0 ? { cut: true } : {}),
  };
}

/** Reads one options section and returns the offset of the next, or 0. */
function readOptionsSection(
  sections: Sections,
  offset: number,
  options: OptionSink,
  places: Map<number, number>,
  found: BufferOption[],
  problems: string[],
): number {
  const cursor = openSection(sections, offset, 'options', 0);
  for (;;) {
    const id = cursor.u16('an option');
    const size = cursor.u32('the size of an option');
    const at = cursor.offset;
    const data = new MetaCursor(cursor.bytes(size, 'an option'), at, sections.littleEndian);
    switch (id) {
      case option.done:
        return data.u64('the offset of the next options');
      case option.headerInfo:
      case option.ftraceEvents:
      case option.eventFormats:
      case option.kallsyms:
      case option.printk:
      case option.cmdlines:
        places.set(id, data.u64('the offset of a section'));
        break;
      case option.buffer:
        found.push(readBufferOption(data, problems));
        break;
      case option.bufferText:
        problems.push('a buffer was saved as text, which a trace.dat reader cannot place');
        break;
      default:
        readCommonOption(id, data, options);
    }
  }
}

/** Finds the buffers of a file whose last options, which name them, are missing. */
function recover(
  { source, littleEndian }: Sections,
  { pageSize }: FileStart,
  first: number,
  places: Map<number, number>,
  problems: string[],
): BufferLayout[] {
  const sections = walkSections(source, first, littleEndian);
  for (const { id, offset } of sections) if (metaSections.includes(id) && !places.has(id)) places.set(id, offset);
  return sections.flatMap(({ id, compressed, offset, size }) => {
    if (id !== option.buffer) return [];
    const start = offset + sectionHeaderBytes;
    const end = size === 0 ? source.size : Math.min(start + size, source.size);
    const cpus = findCpus({ source, littleEndian, pageSize, compressed, start, end });
    const missing = size === 0 ? 'an unknown number of' : `${Math.max(0, start + size - source.size)}`;
    problems.push(
      `the file was cut at byte ${source.size}, before the options that name its buffers: the buffer at byte ${offset} ` +
        `was found by its form, ${missing} bytes of it are missing, its ${cpus.length} CPUs are numbered in their order`,
    );
    return cpus.length === 0 ? [] : [{ name: '', pageSize, compressed, cpus }];
  });
}

/** Sections whose place the first options give; a cut file shows it itself. */
const metaSections: readonly number[] = [
  option.headerInfo,
  option.ftraceEvents,
  option.eventFormats,
  option.kallsyms,
  option.printk,
  option.cmdlines,
];

interface BufferOption extends Omit<BufferLayout, 'compressed'> {
  readonly offset: number;
}

function readBufferOption(data: MetaCursor, problems: string[]): BufferOption {
  const offset = data.u64('the offset of a buffer');
  const name = data.cString('the name of a buffer');
  const clock = data.cString('the clock of a buffer');
  const pageSize = data.u32('the page size of a buffer');
  checkPageSize(pageSize, data.offset - 4);
  const count = data.u32('the number of CPUs of a buffer');
  if (count > maxCpus) {
    throw new TraceDatError('TRACE_DAT_FORMAT', data.offset, `${count} CPUs are not possible: the file is damaged`);
  }
  const cpus: CpuLayout[] = [];
  for (let index = 0; index < count; index += 1) {
    const cpu = data.u32('a CPU');
    const start = data.u64('the offset of a CPU');
    cpus.push({ cpu, offset: start, size: data.u64('the size of a CPU') });
  }
  if (data.left > 0) problems.push(`the buffer ${JSON.stringify(name)} has more CPUs than the ${count} that it says`);
  return { offset, name, clock, pageSize, cpus };
}

function openBuffer(sections: Sections, buffer: BufferOption, problems: string[]): BufferLayout {
  const { offset, ...layout } = buffer;
  const header = readSectionHeader(sections, offset, 'a buffer');
  const compressed = (header.flags & compressedFlag) !== 0;
  const start = offset + sectionHeaderBytes;
  const end = Math.min(start + header.size, sections.source.size);
  // In front of the chunks stands their count, which the sizes leave out.
  problems.push(...findUnclaimed(layout.cpus, start, end, layout.pageSize, compressed ? 4 : 0));
  return { ...layout, compressed };
}

function readSectionHeader(sections: Sections, offset: number, what: string) {
  const cursor = new FileCursor(sections.source, offset, sections.littleEndian);
  const id = cursor.u16(`the section of ${what}`);
  const flags = cursor.u16(`the section of ${what}`);
  cursor.u32(`the section of ${what}`);
  return { id, flags, size: cursor.u64(`the size of ${what}`), cursor };
}

function openSection(sections: Sections, offset: number, what: string, id?: number): MetaCursor {
  const header = readSectionHeader(sections, offset, what);
  if (id !== undefined && header.id !== id) {
    throw new TraceDatError(
      'TRACE_DAT_FORMAT',
      offset,
      `section ${id} (${what}) should stand here and ${header.id} does: the file is damaged or was cut while recording`,
    );
  }
  const start = offset + sectionHeaderBytes;
  if ((header.flags & compressedFlag) === 0) {
    return new MetaCursor(header.cursor.bytes(header.size, what), start, sections.littleEndian);
  }
  const packed = header.cursor.u32(`the compressed size of ${what}`);
  const plain = header.cursor.u32(`the size of ${what}`);
  const bytes = decompress(sections.compression, header.cursor.bytes(packed, what), plain, start);
  return new MetaCursor(bytes, start, sections.littleEndian);
}
