import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DatRecord, type ReadTraceDatOptions, readTraceDat, type TraceDatSummary } from '../../src/dat/index.ts';
import type { RawRecord } from '../../src/record.ts';

export const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/dat/${name}`, import.meta.url));

/** Everything a reader said, in its order. */
export interface Collected {
  readonly summary: TraceDatSummary;
  readonly lines: readonly string[];
  readonly lost: readonly { readonly cpu?: number; readonly record?: number; readonly count?: number }[];
  readonly unreadable: readonly { readonly record?: number; readonly reason: string }[];
}

/** One line as `trace-cmd report -N` prints it. */
export function reportLine(record: DatRecord): string {
  const task = `${record.comm.padStart(16)}-${String(record.pid).padEnd(5)}`;
  const place = `[${String(record.cpu).padStart(3, '0')}] ${record.timestamp.padStart(12)}`;
  return `${task} ${place}: ${`${record.eventName}:`.padEnd(21)} ${record.reportText().replace(/\n$/, '')}`;
}

/** Reads a file and keeps what `line` makes of each record. */
export async function collect(
  path: string,
  line: (record: DatRecord) => string = reportLine,
  options: ReadTraceDatOptions = {},
): Promise<Collected> {
  const lines: string[] = [];
  const lost: { cpu?: number; record?: number; count?: number }[] = [];
  const unreadable: { record?: number; reason: string }[] = [];
  const summary = await readTraceDat(
    path,
    {
      record: (record: RawRecord) => lines.push(line(record as DatRecord)),
      lost: (where) => lost.push({ ...where }),
      unreadable: (piece) => unreadable.push({ ...piece }),
    },
    options,
  );
  return { summary, lines, lost, unreadable };
}

/** Writes bytes to a temporary file, hands its path on, and removes it. */
export async function withFile<T>(bytes: Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'faultpath-test-'));
  const path = join(folder, 'trace.dat');
  try {
    writeFileSync(path, bytes);
    return await use(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
