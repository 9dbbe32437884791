import { resolve } from 'node:path';
import type { Io } from './io.ts';

/** Where a large text goes piece by piece. */
export interface Sink {
  write(text: string): void;
  /** All is written. */
  keep(): Promise<void>;
  drop(): void;
}

/** Standard output as a sink whose writer does not wait; a reader that goes away ends the next write. */
function standardOutput(io: Io): Sink {
  let pending: Promise<unknown> = Promise.resolve();
  let failure: unknown;
  return {
    write(text) {
      if (failure !== undefined) throw failure;
      const written = io.stdout.write(text);
      if (written === undefined) return;
      pending = Promise.all([pending, written]).catch((error: unknown) => {
        failure = error;
      });
    },
    async keep() {
      await pending;
      if (failure !== undefined) throw failure;
    },
    drop: () => undefined,
  };
}

/**
 * A file that appears whole when it is kept, or standard output.
 *
 * @throws ReportError REPORT_CANNOT_WRITE
 */
export async function openSink(path: string | undefined, io: Io): Promise<Sink> {
  if (path === undefined) return standardOutput(io);
  const { beginWhole } = await import('@faultpath/report');
  const file = await beginWhole(resolve(io.cwd, path));
  return { write: (text) => file.write(text), keep: async () => file.keep(), drop: () => file.drop() };
}
