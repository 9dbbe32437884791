import { readFileSync } from 'node:fs';
import { compileSystem, EngineError, exploreSystem, exportSystem, type Model } from '@faultpath/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyState } from '../every-state.ts';
import { boundedBuffer } from '../models/buffer.ts';
import { handOverHand } from '../models/hand-over-hand.ts';
import { peterson } from '../models/peterson.ts';
import { philosophers } from '../models/philosophers.ts';
import { readersWriters } from '../models/readers-writers.ts';
import { reclaimModel } from '../models/reclaim.ts';
import { programs } from '../oracle/arbitrary.ts';
import type { Program } from '../oracle/program.ts';
import { modelOf } from '../oracle/program.ts';
import { askSpin, askSpinAboutEach, type SpinVerdict, spinMissing } from './spin.ts';

if (spinMissing !== undefined) console.warn(`the comparison with SPIN is left out: ${spinMissing}`);

/** Random models of each kind. */
const RUNS = Number(process.env['ENGINE_SPIN_RUNS'] ?? 200);
/** Models that share one verifier: more take longer to compile than they save. */
const TOGETHER = 25;
const SEED = Number(process.env['ENGINE_SPIN_SEED'] ?? 4);

function unreduced(model: Model) {
  const system = compileSystem(model);
  const { states, transitions, deadlocks, errors } = exploreSystem(system, everyState);
  return { system, states, transitions, stuck: deadlocks.length, failed: errors.length };
}

type Ours = ReturnType<typeof unreduced>;

function promelaOf({ system }: Ours): string {
  return [...exportSystem(system, 'promela')].join('');
}

/** No process is SPIN's own, so that no state is added; it counts its first step as a transition. */
function expectSame(ours: Ours, spin: SpinVerdict, which = ''): void {
  if (ours.failed > 0) {
    expect(spin.errors, which).toBeGreaterThan(0);
    return;
  }
  expect(spin, which).toEqual({ states: ours.states, transitions: ours.transitions + 1, errors: ours.stuck });
}

/** Compares random programs, many with one verifier; the number of those that are models and were compared. */
function compareRandom(style: { readonly errors: boolean }): { compared: number; failed: number } {
  const samples = fc.sample(programs(style), { numRuns: RUNS, seed: SEED }).flatMap((program: Program) => {
    try {
      return [{ program, ours: unreduced(modelOf(program)) }];
    } catch (error) {
      if (error instanceof EngineError) return [];
      throw error;
    }
  });
  for (let from = 0; from < samples.length; from += TOGETHER) {
    const some = samples.slice(from, from + TOGETHER);
    const verdicts = askSpinAboutEach(
      some.map(({ ours }) => promelaOf(ours)),
      { all: true, defines: ['-o2'], depth: 200_000 },
    );
    for (const [index, { program, ours }] of some.entries())
      expectSame(ours, verdicts[index] as SpinVerdict, JSON.stringify(program));
  }
  return { compared: samples.length, failed: samples.filter(({ ours }) => ours.failed > 0).length };
}

describe.skipIf(spinMissing !== undefined)('SPIN', () => {
  it.each([
    ['philosophers', philosophers(5)],
    ['philosophers in order, once', philosophers(5, { ordered: true, once: true })],
    ['bounded buffer', boundedBuffer(3, 3)],
    ['bounded buffer, wrong order', boundedBuffer(2, 2, true)],
    ['hand over hand, one the other way', handOverHand(3, 5, { inverted: true })],
    ['readers and writers, fair', readersWriters(3, 2, { fair: true })],
    ['nested readers, fair', readersWriters(2, 1, { fair: true, nested: true })],
    ['filter lock', peterson(3)],
    ['filter lock without waits', peterson(3, false)],
    ['reclaim', reclaimModel({ tasks: 2, inodes: 2, vmfOrFs: true })],
    ['reclaim with a log of three', reclaimModel({ tasks: 2, inodes: 2, vmfOrFs: true, nofs: true, logSpace: 3 })],
  ])('agrees on the export of %s', (_, model) => {
    const ours = unreduced(model);
    expectSame(ours, askSpin(promelaOf(ours), { all: true, defines: ['-o2'] }));
  });

  // Models written for SPIN by hand: its init process adds one state (two in reclaim) and as many transitions more.
  it.each([
    ['phil', ['-DN=5'], philosophers(5), 1, 2],
    ['phil', ['-DN=5', '-DORDERED=1', '-DONCE=1'], philosophers(5, { ordered: true, once: true }), 1, 2],
    ['buffer', ['-DC=3', '-DB=2', '-DBUG=1'], boundedBuffer(3, 2, true), 1, 2],
    ['locks', ['-DT=3', '-DK=6'], handOverHand(3, 6), 1, 2],
    ['reclaim', ['-DN=2', '-DM=2', '-DVMF_OR_FS=1'], reclaimModel({ tasks: 2, inodes: 2, vmfOrFs: true }), 2, 3],
    [
      'reclaim',
      ['-DN=2', '-DM=2', '-DVMF_OR_FS=1', '-DFAIR=1', '-DV=2'],
      reclaimModel({ tasks: 2, inodes: 2, victims: 2, vmfOrFs: true, fair: true }),
      2,
      3,
    ],
  ] as const)('agrees on %s.pml %j', (file, defines, model, states, transitions) => {
    const text = readFileSync(new URL(`../fixtures/promela/${file}.pml`, import.meta.url), 'utf8');
    const ours = unreduced(model);
    expect(askSpin(text, { defines, all: true })).toEqual({
      states: ours.states + states,
      transitions: ours.transitions + transitions,
      errors: ours.stuck,
    });
  });

  it('agrees on random programs', { timeout: 1e7 }, () => {
    expect(compareRandom({ errors: false }).compared).toBeGreaterThan(RUNS * 0.75);
  });

  it('fails an assertion where random programs make mistakes', { timeout: 1e7 }, () => {
    const { compared, failed } = compareRandom({ errors: true });
    expect(compared).toBeGreaterThan(RUNS * 0.75);
    expect(failed).toBeGreaterThan(RUNS / 10);
  });
});
