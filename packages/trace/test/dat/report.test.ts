import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { collect, fixture } from './collect.ts';

const linesOf = (name: string): string[] =>
  gunzipSync(readFileSync(fixture(name)))
    .toString('utf8')
    .trimEnd()
    .split('\n');

/** The recordings, cut down to the formats and symbols they use; the expected text is trace-cmd's own. */
const pairs = [
  ['xfs-dax-write-hole.v6.dat.gz', 'xfs-dax-write-hole.v6.report.txt.gz', 6],
  ['xfs-dax-write-hole.v7zstd.dat', 'xfs-dax-write-hole.v6.report.txt.gz', 7],
  ['ext4-dax-read-hole.v7none.dat.gz', 'ext4-dax-read-hole.v7none.report.txt.gz', 7],
  ['many-faults-start.v7zstd.dat', 'many-faults-start.v7zstd.report.txt.gz', 7],
] as const;

describe('a recording reads as trace-cmd report prints it', () => {
  it.each(pairs)('%s', async (dat, report, version) => {
    const { summary, lines, lost, unreadable } = await collect(fixture(dat));
    expect(lines).toEqual(linesOf(report).slice(1));
    expect(summary.version).toBe(version);
    expect(summary.records).toBe(lines.length);
    expect([lost, unreadable]).toEqual([[], []]);
  });

  it('shows the latency columns that trace-cmd report -l shows', async () => {
    const { lines } = await collect(fixture('many-faults-start.v7zstd.dat'), (record) => record.flags);
    expect(lines).toEqual(linesOf('many-faults-start.v7zstd.flags.txt.gz'));
  });
});

describe('the record', () => {
  const first = async (
    name: string,
    show: (record: Parameters<Parameters<typeof collect>[1] & object>[0]) => unknown,
  ) => {
    const { lines } = await collect(fixture('xfs-dax-write-hole.v7zstd.dat'), (record) =>
      record.name === name ? JSON.stringify(show(record)) : '',
    );
    return JSON.parse(lines.find((line) => line !== '') ?? 'null');
  };

  it('finds fields by their printed names, as a reader of the text does', async () => {
    expect(await first('mutex_unlock', (r) => [r.getText('lock'), r.getText('caller'), r.getSymbol('caller')])).toEqual(
      ['0xffffffffa893bee0', 'rb_simple_write+0xe4', 'rb_simple_write'],
    );
    expect(await first('xfs_ilock', (r) => [r.getText('dev'), r.getText('ino'), r.getNumber('ino')])).toEqual([
      '259:0',
      '0x80',
      128,
    ]);
    expect(
      await first('kmem_cache_alloc', (r) => [r.getText('gfp_flags'), r.getText('node'), r.getNumber('node')]),
    ).toEqual(['GFP_KERNEL', '-1', -1]);
  });

  it('knows the fields of the format beside them', async () => {
    expect(await first('mutex_unlock', (r) => [r.getText('__probe_ip'), r.getNumber('common_pid')])).toEqual([
      'mutex_unlock+0x0',
      174,
    ]);
    expect(await first('kmem_cache_alloc', (r) => [r.getNumber('gfp_flags'), r.getText('nothing')])).toEqual([
      3264,
      null,
    ]);
    expect(await first('mutex_unlock', (r) => r.getBigInt('lock')?.toString(16))).toBe('ffffffffa893bee0');
    expect(await first('mutex_unlock', (r) => [r.getNumber('lock') ?? 'too large'])).toEqual(['too large']);
  });

  it('gives markers their own name, and only the text that user space wrote', async () => {
    expect(await first('tracing_mark_write', (r) => [r.format(), r.eventName, r.reportText().trimEnd()])).toEqual([
      'begin',
      'print',
      'tracing_mark_write: begin',
    ]);
    expect(await first('print', (r) => r.format())).toBeNull();
  });

  it('counts what nobody wants without handing it on', async () => {
    const all = await collect(fixture('xfs-dax-write-hole.v7zstd.dat'));
    const some = await collect(fixture('xfs-dax-write-hole.v7zstd.dat'), undefined, {
      wants: (name) => name === 'xfs_ilock',
    });
    expect(some.summary.records).toBe(all.summary.records);
    expect(some.lines).toEqual(all.lines.filter((line) => line.includes(' xfs_ilock: ')));
    expect(some.lines.length).toBeGreaterThan(0);
  });
});
