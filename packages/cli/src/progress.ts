import type { Io } from './io.ts';

/** A line that shows how far a long command is. */
export interface Progress {
  /** Sets what the line says. Call it as often as you like: it is asked for a few times a second only. */
  say(line: () => string): void;
  /** Removes the line; nothing is shown any more. */
  stop(): Promise<void>;
}

/** Nothing shorter than this shows a line, milliseconds. */
const patience = 2000;
const interval = 200;

const silent: Progress = { say: () => undefined, stop: async () => undefined };

/**
 * Progress on standard error, on a terminal only. A line appears when the work waits for something, by a timer, or when it
 * says something, for work that never waits.
 */
export function startProgress(io: Io, first: () => string, now: () => number = Date.now): Progress {
  if (!io.stderr.isTTY) return silent;
  const columns = Math.max(20, io.stderr.columns ?? 80);
  const began = now();
  let due = began + patience;
  let line = first;
  let shown = false;
  const show = (): void => {
    const time = now();
    if (time < due) return;
    due = time + interval;
    shown = true;
    const text = `${line()} (${Math.floor((time - began) / 1000)} s)`;
    void io.stderr.write(`\r\u001b[K${text.slice(0, columns - 1)}`);
  };
  const timer = setInterval(show, interval);
  timer.unref();
  return {
    say(next) {
      line = next;
      show();
    },
    async stop() {
      clearInterval(timer);
      if (shown) await io.stderr.write('\r\u001b[K');
      shown = false;
    },
  };
}

/** Runs work under a progress line, which is gone when the work ends, however it ends. */
export async function withProgress<T>(
  io: Io,
  first: () => string,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const progress = startProgress(io, first);
  try {
    return await work(progress);
  } finally {
    await progress.stop();
  }
}
