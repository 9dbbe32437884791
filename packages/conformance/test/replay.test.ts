import { describe, expect, test } from 'vitest';
import { cases, replay, runConformance } from '../src/index.ts';
import { misbehaving } from './broken-adapters.ts';
import { oneCell, tiny } from './tinyfs.ts';

const fs = misbehaving['holds what reclaim needs']?.fs ?? tiny;
const setting = { fs, era: 'v6.1', policy: 'as-released' } as const;
const subject = cases[0] ?? expect.fail('there is no case');

async function witness() {
  const [outcome] = await runConformance({ adapters: [fs], ...oneCell, case: [subject.id] });
  return outcome?.witness ?? expect.fail('there is no deadlock');
}

describe('a replay', () => {
  test('ends where the witness ends', async () => {
    const found = await witness();
    const played = replay(subject, setting, found.schedule);
    expect(played.deadlocked || found.waiters.length > 0).toBe(true);
    expect(played.threads).toEqual(found.threads);
    expect(played.steps.map(({ op }) => op)).toEqual(found.steps.map(({ op }) => op));
  });

  test('stops earlier when asked', async () => {
    const { schedule } = await witness();
    const played = replay(subject, setting, schedule, 1);
    expect([played.steps.length, played.deadlocked]).toEqual([1, false]);
    expect(replay(subject, setting, schedule, played.scheduled).threads).toEqual(
      replay(subject, setting, schedule).threads,
    );
    for (const steps of [played.scheduled + 1, -1, 0.5]) {
      expect(() => replay(subject, setting, schedule, steps)).toThrowError(
        expect.objectContaining({ code: 'ENGINE_SCHEDULE' }),
      );
    }
  });

  test('of a schedule that does not fit says at which step, and why', async () => {
    const { schedule } = await witness();
    const refuse = (text: string, where: unknown) =>
      expect(() => replay(subject, setting, text)).toThrowError(
        expect.objectContaining({ code: 'ENGINE_SCHEDULE', where }),
      );
    refuse('v1:99', expect.stringContaining('step 0, thread 99'));
    refuse(`${schedule}.77`, expect.stringMatching(/^step \d+, thread 77/));
    refuse('nonsense', expect.anything());
  });

  test('of a case that cannot be run there is refused', () => {
    const lazytime = cases.find(({ id }) => id === 'dax/004') ?? expect.fail('dax/004 is gone');
    expect(() => replay(lazytime, setting, 'v1:0')).toThrowError(
      expect.objectContaining({ code: 'CONFORMANCE_BAD_CASE' }),
    );
  });
});
