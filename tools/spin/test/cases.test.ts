import { type ConformanceCase, type PlannedCell, planCells, cases as suite } from '@faultpath/conformance';
import { compileSystem, exploreSystem, exportSystem } from '@faultpath/engine';
import { adapters, cases as ours } from '@faultpath/integration';
import { buildFaultModel, type FaultCase } from '@faultpath/mm';
import { afterAll, describe, expect, test } from 'vitest';
import { everyState } from '../../../packages/engine/test/every-state.ts';
import { askSpin, spinMissing } from '../../../packages/engine/test/spin/spin.ts';

if (spinMissing !== undefined) console.warn(`the comparison with SPIN is left out: ${spinMissing}`);

/** Every distinct transition system of the table, some 300 of them, instead of one for each case. */
const EVERY = process.env['FAULTPATH_SPIN'] === 'all';
const SEED = Number(process.env['FAULTPATH_SEED'] ?? 20_161_217);
/** Unreduced states. One system for each case is of at most so many; of every system, a larger one is a failure. */
const MOST_STATES = EVERY ? 20_000_000 : 100_000;

const cases: readonly ConformanceCase[] = [...suite, ...ours].filter((each) => each.examine === undefined);
const compared = new Set<string>();
let states = 0;
let stuck = 0;

/** The same order everywhere for one seed: which system stands for a case is the seed's choice. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  let at = seed >>> 0;
  const random = (): number => {
    at = (Math.imul(at, 1_664_525) + 1_013_904_223) >>> 0;
    return at / 2 ** 32;
  };
  return items
    .map((item) => ({ item, key: random() }))
    .sort((left, right) => left.key - right.key)
    .map(({ item }) => item);
}

/** What the export and the engine have to agree on shows with fewer tasks, too: the truncate and the other file left out. */
function fewerTasks(scenario: FaultCase): FaultCase {
  const tasks = scenario.tasks.filter(
    (task) => task.kind !== 'truncate' && !((task.kind === 'read-fault' || task.kind === 'write-fault') && task.inode),
  );
  return { ...scenario, tasks };
}

/** Compares one system, if it was not before; false where it is not run, or is too large for now. */
function compare({ subject, setting }: PlannedCell): boolean {
  if (subject.requires(setting) !== undefined) return false;
  const scenario = subject.scenario(setting);
  const system = compileSystem(buildFaultModel(EVERY ? scenario : fewerTasks(scenario)));
  const text = [...exportSystem(system, 'promela')].join('');
  // Two systems that differ in names and events alone are one to SPIN.
  const bare = text.replace(/\/\*.*?\*\//gs, '');
  if (compared.has(bare)) return true;
  const unreduced = exploreSystem(system, { ...everyState, maxStates: MOST_STATES });
  if (!unreduced.exhausted && !EVERY) return false;
  const name = `${setting.fs.name} ${subject.id} ${setting.era} ${setting.policy}`;
  expect(unreduced.exhausted, `${name} has more than ${MOST_STATES} states`).toBe(true);
  compared.add(bare);

  const reduced = exploreSystem(system, { partialDeadlocks: false, witnessStates: 0 });
  const spin = askSpin(text, { all: true, defines: ['-o2'], expected: unreduced.states, depth: 100_000 });
  expect(reduced.verdict === 'found', `${name}: verdict`).toBe(spin.errors > 0);
  if (unreduced.errors.length > 0) return true;
  // SPIN counts its first step as a transition.
  const expected = { states: unreduced.states, transitions: unreduced.transitions + 1 };
  expect(spin, name).toEqual({ ...expected, errors: unreduced.deadlocks.length });
  states += spin.states;
  if (spin.errors > 0) stuck++;
  return true;
}

describe.skipIf(spinMissing !== undefined)('SPIN on the exported cases', () => {
  test.each(cases.map((each) => [each.id, each] as const))(
    '%s: same verdict, states and deadlocks',
    { timeout: 1e7 },
    (_, subject) => {
      const cells = planCells({ adapters, cases: [subject] });
      let some = false;
      for (const cell of EVERY ? cells : shuffled(cells, SEED)) {
        some = compare(cell) || some;
        if (some && !EVERY) break;
      }
      expect(some).toBe(true);
    },
  );

  afterAll(() => {
    console.info(`${compared.size} distinct systems, ${states} states, ${stuck} of them with deadlocks: SPIN agrees`);
  });
});
