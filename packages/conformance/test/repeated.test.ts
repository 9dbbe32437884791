import { expect, test } from 'vitest';
import { runConformance } from '../src/index.ts';
import { createReceiver, createSender } from '../src/parallel/repeated.ts';
import type { CellOutcome } from '../src/result.ts';
import { tiny } from './tinyfs.ts';

async function outcomes(): Promise<readonly CellOutcome[]> {
  return runConformance({ adapters: [tiny], era: ['v6.1'], case: ['dax/002', 'dax/003'] });
}

test('cells of one answer arrive as they were, and the answer is sent once', async () => {
  const all = await outcomes();
  const send = createSender();
  const receive = createReceiver();
  const sent = all.map((outcome, cell) => structuredClone(send(cell, outcome)));
  expect(sent.map((each, cell) => receive(cell, each))).toEqual(all.map((outcome) => structuredClone(outcome)));
  expect(sent.filter(({ like }) => like === undefined).length).toBe(
    new Set(all.map(({ result }) => result.findings)).size,
  );
  expect(sent.some(({ like }) => like !== undefined)).toBe(true);
});

test('answers that only look alike are each sent, as their runs may differ', async () => {
  const [first] = await outcomes();
  const other = structuredClone(first) as CellOutcome;
  const send = createSender();
  expect(send(0, first as CellOutcome).like).toBeUndefined();
  expect(send(1, other).like).toBeUndefined();
});

test('an answer that never came is not made up', async () => {
  const [first] = await outcomes();
  expect(() => createReceiver()(1, { outcome: first as CellOutcome, like: 0 })).toThrow(Error);
});
