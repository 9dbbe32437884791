import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { checkTrace, type TraceSource } from '@faultpath/trace';
import { xfsTraceVocabulary } from '@faultpath/xfs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const DAT = fileURLToPath(new URL('./fixtures/dat/xfs-dax-write-hole.v7zstd.dat', import.meta.url));
const bytes = readFileSync(DAT);
const check = (source: TraceSource) => checkTrace(source, { vocabularies: [xfsTraceVocabulary], file: 'recording' });

function* pieces(all: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, 100_000);
  throw new Error('the other end is gone');
}

describe('a trace.dat that comes through a pipe', () => {
  const before = process.env['TMPDIR'];
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'faultpath-test-'));
    process.env['TMPDIR'] = folder;
  });

  afterEach(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(folder, { recursive: true, force: true });
  });

  test('says what its file says, and leaves nothing behind', async () => {
    const ofFile = await check(DAT);
    expect(ofFile.faults.length).toBeGreaterThan(0);
    expect(await check(pieces(bytes, 65_536))).toEqual(ofFile);
    expect(await check(pieces(gzipSync(bytes), 4096))).toEqual(ofFile);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is known by its first bytes, however few come at a time', async () => {
    const slow = [...pieces(bytes.subarray(0, 40), 1), bytes.subarray(40)];
    expect((await check(slow)).recording.format).toBe('trace.dat');
  });

  test('that breaks is an error, and leaves nothing behind', async () => {
    await expect(check(broken())).rejects.toMatchObject({ code: 'TRACE_UNREADABLE_FILE' });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that is cut in its head is refused as its file would be', async () => {
    await expect(check([bytes.subarray(0, 2000)])).rejects.toMatchObject({ code: 'TRACE_DAT_TRUNCATED' });
    expect(readdirSync(folder)).toEqual([]);
  });
});
