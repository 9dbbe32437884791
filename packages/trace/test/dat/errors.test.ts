import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isTraceDat, TraceDatError } from '../../src/dat/index.ts';
import { collect, fixture, withFile } from './collect.ts';

const zstd = readFileSync(fixture('xfs-dax-write-hole.v7zstd.dat'));

function changed(offset: number, bytes: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(zstd);
  copy.set(bytes, offset);
  return copy;
}

async function codeOf(bytes: Uint8Array): Promise<string> {
  try {
    await withFile(bytes, (path) => collect(path));
    return 'read';
  } catch (error) {
    return error instanceof TraceDatError ? error.code : `a foreign error: ${String(error)}`;
  }
}

describe('what cannot be used at all has a code', () => {
  it.each([
    ['the unchanged file', zstd, 'read'],
    ['nothing', new Uint8Array(0), 'TRACE_DAT_EMPTY'],
    ['text', Buffer.from('# tracer: nop\n#\n'), 'TRACE_DAT_MAGIC'],
    ['half a magic', zstd.subarray(0, 6), 'TRACE_DAT_TRUNCATED'],
    ['the first bytes', zstd.subarray(0, 30), 'TRACE_DAT_TRUNCATED'],
    ['another version', changed(10, [0x38]), 'TRACE_DAT_VERSION'],
    ['an impossible endianness', changed(12, [7]), 'TRACE_DAT_FORMAT'],
    ['an impossible long', changed(13, [5]), 'TRACE_DAT_FORMAT'],
    ['an impossible page size', changed(14, [1, 2, 3]), 'TRACE_DAT_FORMAT'],
    ['another compression', changed(18, [0x6c, 0x7a, 0x6f, 0x31]), 'TRACE_DAT_COMPRESSION'],
    ['a file cut before its options', zstd.subarray(0, 2000), 'TRACE_DAT_TRUNCATED'],
    ['broken gzip', Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8), 'TRACE_DAT_COMPRESSION'],
  ])('%s', async (_, bytes, code) => {
    expect(await codeOf(bytes)).toBe(code);
  });

  it('a file that is not there, and a folder', async () => {
    await expect(collect(`${tmpdir()}/faultpath-no-such-file`)).rejects.toMatchObject({ code: 'TRACE_DAT_IO' });
    await expect(collect(tmpdir())).rejects.toMatchObject({ code: 'TRACE_DAT_IO' });
  });

  it('says at which byte', async () => {
    const error = await withFile(changed(12, [7]), (path) => collect(path)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ offset: 12, message: expect.stringContaining('byte 12') });
  });

  it('isTraceDat tells the first bytes from others', () => {
    expect(isTraceDat(zstd.subarray(0, 16))).toBe(true);
    expect(isTraceDat(zstd.subarray(1, 17))).toBe(false);
    expect(isTraceDat(zstd.subarray(0, 5))).toBe(false);
  });
});

describe('what is damaged behind the head costs only itself, and is reported', () => {
  it('a file whose last pages are cut off', async () => {
    const { gunzipSync } = await import('node:zlib');
    const whole = gunzipSync(readFileSync(fixture('xfs-dax-write-hole.v6.dat.gz')));
    const all = await withFile(whole, (path) => collect(path));
    const cut = await withFile(whole.subarray(0, whole.length - 5000), (path) => collect(path));
    expect(all.unreadable).toEqual([]);
    expect(cut.unreadable).toHaveLength(1);
    expect(cut.lines.length).toBeGreaterThan(0);
    expect(cut.lines).toEqual(all.lines.slice(0, cut.lines.length));
    expect(cut.lines.length).toBeLessThan(all.lines.length);
  });

  it('a gzip stream that is cut off', async () => {
    const zipped = readFileSync(fixture('ext4-dax-read-hole.v7none.dat.gz'));
    const error = await withFile(zipped.subarray(0, 9000), (path) => collect(path)).catch((reason: unknown) => reason);
    // The options of this version stand behind the symbols, so here nothing can be read.
    expect(error).toMatchObject({ code: 'TRACE_DAT_TRUNCATED' });
    const v6 = readFileSync(fixture('xfs-dax-write-hole.v6.dat.gz'));
    const partly = await withFile(v6.subarray(0, v6.length - 3000), (path) => collect(path));
    expect(partly.lines.length).toBeGreaterThan(0);
    expect(partly.unreadable.length).toBeGreaterThan(0);
  });

  it('a damaged symbol table leaves the addresses', async () => {
    // Section 19 stands where the options say; here its packed bytes are overwritten.
    const at = zstd.indexOf(Buffer.from([19, 0, 1, 0]));
    const { lines, unreadable } = await withFile(changed(at + 40, [0, 0, 0, 0, 0, 0]), (path) => collect(path));
    expect(lines).toHaveLength(854);
    expect(lines[0]).toContain('caller=0xffffffff');
    expect(unreadable).toHaveLength(1);
  });
});

describe('a file cut before the last options, which name its buffers', () => {
  const plain = gunzipSync(readFileSync(fixture('ext4-dax-read-hole.v7none.dat.gz')));
  const many = readFileSync(fixture('many-faults-start.v7zstd.dat'));
  /** Its sections of data and of last options begin there. */
  const ends = { zstd: 32_525, plain: 126_976 };

  const read = (bytes: Uint8Array) => withFile(bytes, (path) => collect(path));

  it.each([
    ['compressed', zstd, ends.zstd],
    ['not compressed', plain, ends.plain],
  ])('%s: loses no event where its data are whole, and says what was done', async (_, bytes, end) => {
    const whole = await read(bytes);
    const cut = await read(bytes.subarray(0, end + 4));
    expect(cut.summary.records).toBe(whole.summary.records);
    expect([whole.summary.cut, cut.summary.cut]).toEqual([false, true]);
    expect(cut.summary.unreadable).toBe(whole.summary.unreadable + 1);
  });

  it.each([
    ['compressed', many, Math.floor(many.length * 0.8)],
    ['not compressed', plain, ends.plain - 12_000],
  ])('%s: keeps what stands before the cut', async (_, bytes, end) => {
    const whole = await read(bytes);
    const cut = await read(bytes.subarray(0, end));
    expect(cut.summary.records).toBeGreaterThan(0);
    expect(cut.summary.records).toBeLessThan(whole.summary.records);
    expect(cut.summary.cut).toBe(true);
    expect(cut.unreadable.length).toBeGreaterThan(1);
  });

  it('is refused where nothing of its data is left', async () => {
    expect(await codeOf(zstd.subarray(0, 23_800))).toBe('TRACE_DAT_TRUNCATED');
  });
});
