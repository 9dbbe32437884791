import type { Io } from './io.ts';

/** A line that shows how far a long command is. */
export interface Progress {
  /** Call as often as you like; `line` is asked for a few times a second only. */
  update(line: () => string): void;
  /** Removes the line. */
  stop(): Promise<void>;
}

/** Nothing shorter than this shows a line, milliseconds. */
const patience = 2000;
const interval = 200;

/** Progress on standard error, on a terminal only. */
export function startProgress(io: Io, now: () => number = Date.now): Progress {
  if (!io.stderr.isTTY) return { update: () => undefined, stop: async () => undefined };
  const columns = Math.max(20, io.stderr.columns ?? 80);
  let due = now() + patience;
  let shown = false;
  return {
    update(line) {
      const time = now();
      if (time < due) return;
      due = time + interval;
      shown = true;
      void io.stderr.write(`\r\u001b[K${line().slice(0, columns - 1)}`);
    },
    async stop() {
      if (shown) await io.stderr.write('\r\u001b[K');
      shown = false;
    },
  };
}
