import { expect, test } from 'vitest';
import type { Io } from '../src/index.ts';
import { startProgress } from '../src/progress.ts';

function terminal(isTTY: boolean): { readonly io: Io; readonly lines: string[] } {
  const lines: string[] = [];
  const out = { write: (chunk: string | Uint8Array) => void lines.push(String(chunk)), isTTY, columns: 30 };
  const io: Io = {
    stdin: (async function* () {})(),
    stdout: out,
    stderr: out,
    env: {},
    cwd: '.',
    interrupts: () => new AbortController().signal,
  };
  return { io, lines };
}

test('a line appears after two seconds, changes a few times a second, fits and goes away', async () => {
  const { io, lines } = terminal(true);
  let time = 0;
  const progress = startProgress(
    io,
    () => 'begins',
    () => time,
  );
  for (time = 0; time <= 3000; time += 10) progress.say(() => `${time} of very many steps are done now`);
  const shown = [...lines];
  await progress.stop();
  expect(shown).toHaveLength(6);
  expect(shown[0]).toContain('2000 of');
  for (const line of shown) expect(line.length).toBeLessThanOrEqual(29 + '\r\u001b[K'.length);
  expect(lines.at(-1)).toBe('\r\u001b[K');
});

test('nothing appears where standard error is no terminal, or before two seconds', async () => {
  for (const [tty, long] of [
    [false, 60_000],
    [true, 1_990],
  ] as const) {
    const { io, lines } = terminal(tty);
    let time = 0;
    const progress = startProgress(
      io,
      () => 'begins',
      () => time,
    );
    time = long;
    progress.say(() => 'x');
    await progress.stop();
    expect(lines).toEqual([]);
  }
});
