import { latin1, MetaCursor } from './bytes.ts';
import { TraceDatError } from './error.ts';
import { FileCursor } from './file-cursor.ts';
import type { FileStart } from './header.ts';
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

const titleBytes = 10;

/** Version 6: everything in one fixed order, nothing compressed. */
export function readLayoutV6(source: ByteSource, start: FileStart): TraceDatLayout {
  const cursor = new FileCursor(source, start.end, start.littleEndian);
  const { headerPage, headerEvent } = readHeaderInfo(cursor);
  const formats: FormatText[] = [];
  readFtraceFormats(cursor, formats);
  readEventFormats(cursor, formats);
  const kallsyms = cursor.bytes(cursor.u32('the size of kallsyms'), 'kallsyms');
  const printk = latin1(cursor.bytes(cursor.u32('the size of the printk formats'), 'the printk formats'));
  const cmdlines = latin1(cursor.bytes(cursor.u64('the size of the task names'), 'the task names'));
  const cpuCount = cursor.u32('the number of CPUs');
  const options: OptionSink = { timestampOffset: 0n };
  const instances: { name: string; offset: number }[] = [];
  let title = readTitle(cursor);
  if (title === 'options') {
    readOptions(cursor, start.littleEndian, options, instances);
    title = readTitle(cursor);
  }
  const problems: string[] = [];
  const buffers: BufferLayout[] = [];
  const addBuffer = (name: string, at: FileCursor): void => {
    const cpus = readCpus(at, options.cpuCount ?? cpuCount);
    buffers.push({ name, pageSize: start.pageSize, compressed: false, cpus, ...clockOf(options) });
  };
  if (title === 'flyrecord') addBuffer('', cursor);
  else if (title === 'latency')
    problems.push('the top buffer was saved as text, which a trace.dat reader cannot place');
  else throw wrongTitle(title, cursor.offset - titleBytes);
  for (const instance of instances) {
    try {
      const at = new FileCursor(source, instance.offset, start.littleEndian);
      const found = readTitle(at);
      if (found !== 'flyrecord') throw wrongTitle(found, instance.offset);
      addBuffer(instance.name, at);
    } catch (error) {
      if (!(error instanceof TraceDatError)) throw error;
      problems.push(`the buffer ${JSON.stringify(instance.name)} is lost: ${error.message}`);
    }
  }
  const all = buffers.flatMap((buffer) => buffer.cpus);
  if (buffers.length > 0) problems.push(...findUnclaimed(all, cursor.offset, source.size, start.pageSize, 0));
  return {
    ...start,
    version: 6,
    compression: 'none',
    headerPage,
    headerEvent,
    formats,
    kallsyms: () => kallsyms,
    printk,
    cmdlines,
    options,
    buffers,
    problems,
  };
}

function clockOf(options: OptionSink): { clock?: string } {
  return options.clock === undefined ? {} : { clock: options.clock };
}

/** One of three titles, padded with blanks to ten bytes with the NUL. */
function readTitle(cursor: FileCursor): string {
  return latin1(cursor.bytes(titleBytes, 'the title of the data')).replace(/[ \0]+$/, '');
}

function wrongTitle(title: string, offset: number): TraceDatError {
  return new TraceDatError(
    'TRACE_DAT_FORMAT',
    offset,
    `"options", "latency" or "flyrecord" should stand here and ${JSON.stringify(title)} does: the file is damaged`,
  );
}

function readOptions(
  cursor: FileCursor,
  littleEndian: boolean,
  options: OptionSink,
  instances: { name: string; offset: number }[],
): void {
  for (;;) {
    const id = cursor.u16('an option');
    if (id === option.done) return;
    const size = cursor.u32('the size of an option');
    const at = cursor.offset;
    const data = new MetaCursor(cursor.bytes(size, 'an option'), at, littleEndian);
    if (id === option.buffer) {
      const offset = data.u64('the offset of a buffer');
      instances.push({ offset, name: data.cString('the name of a buffer') });
    } else {
      readCommonOption(id, data, options);
    }
  }
}

function readCpus(cursor: FileCursor, count: number): CpuLayout[] {
  if (count > maxCpus) {
    throw new TraceDatError('TRACE_DAT_FORMAT', cursor.offset, `${count} CPUs are not possible: the file is damaged`);
  }
  const cpus: CpuLayout[] = [];
  for (let cpu = 0; cpu < count; cpu += 1) {
    const offset = cursor.u64(`the offset of CPU ${cpu}`);
    const size = cursor.u64(`the size of CPU ${cpu}`);
    cpus.push({ cpu, offset, size });
  }
  return cpus;
}
