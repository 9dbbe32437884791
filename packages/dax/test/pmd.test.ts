import { type Exploration, type ExploreOptions, explore, kernelFunction } from '@faultpath/engine';
import {
  buildFaultModel,
  type EraName,
  eraNames,
  type Machine,
  type ModelEvent,
  type TaskSpec,
  VM_FAULT,
  type VmFault,
} from '@faultpath/mm';
import { describe, expect, test } from 'vitest';
import { dax_iomap_fault, grab_huge_entry } from '../src/index.ts';
import { plain } from './support.ts';

const read = { kind: 'read-fault' } as const;
const write = { kind: 'write-fault' } as const;
const hugeRead = { ...read, size: 'pmd' } as const;
const hugeWrite = { ...write, size: 'pmd' } as const;
const withHuge = eraNames.filter((era) => era !== 'v4.9');

const fault = kernelFunction('plain_huge_fault', function* (env: Machine, vmf: VmFault) {
  return dax_iomap_fault(env, vmf);
});
const huge = { ...plain, vm_ops: { ...plain.vm_ops, huge_fault: fault } };

function run(era: EraName, tasks: readonly TaskSpec[], options: ExploreOptions = {}, filesystem = huge): Exploration {
  return explore(buildFaultModel({ era, filesystem, tasks }), options);
}

/** Every allocation of every run, with the functions around it. */
function allocations(exploration: Exploration): { site: string; backtrace: readonly string[] }[] {
  const told: { event?: unknown; backtrace: readonly string[] }[] = [...exploration.prologues()].flatMap(
    ({ passed }) => passed,
  );
  for (const { from, edge } of exploration.walk())
    told.push({ event: edge.alternative.event, backtrace: from.backtrace }, ...edge.passed);
  return told.flatMap(({ event, backtrace }) =>
    ([event].flat() as (ModelEvent | undefined)[]).flatMap((each) =>
      each?.type === 'alloc' ? [{ site: each.site, backtrace }] : [],
    ),
  );
}

describe('huge entries', () => {
  test.each(withHuge)('%s: faults of both sizes take turns, and every sleeper is woken', (era) => {
    for (const tasks of [
      [hugeRead, hugeRead, hugeWrite],
      [hugeRead, write, read],
      [hugeWrite, hugeWrite, read],
      [hugeWrite, write, write],
    ]) {
      const { verdict, errors } = run(era, tasks, { all: true });
      expect([verdict, errors]).toEqual(['proved', []]);
    }
  });

  test('without its wake-up the next sleeper hangs', () => {
    const forgetful = kernelFunction('forgetful_huge_fault', function* (env: Machine, vmf: VmFault) {
      yield* grab_huge_entry(env, vmf, false);
      return VM_FAULT.NOPAGE;
    });
    const filesystem = { ...plain, vm_ops: { ...plain.vm_ops, huge_fault: forgetful } };
    expect(run('v6.1', [hugeRead], {}, filesystem).verdict).toBe('proved');
    expect(run('v6.1', [hugeRead, write], {}, filesystem).verdict).toBe('found');
  });

  test('the search without reductions says the same', () => {
    for (const era of ['v4.12', 'v6.1'] as const) {
      const full = run(era, [hugeRead, hugeWrite, write], { persistentSets: false, symmetry: false, minimise: false });
      expect(full.verdict).toBe('proved');
    }
  });
});

describe('a fault of 2 MiB', () => {
  test('that can be had needs no page-table page; one that falls back is a fault of one page', () => {
    const tables = allocations(run('v6.1', [hugeWrite], { all: true })).filter(({ site }) => site === 'pte_alloc_one');
    expect(tables.length).toBeGreaterThan(0);
    for (const { backtrace } of tables) expect(backtrace).toContain('do_fault');
  });

  test('of a hole that is read needs the huge zero page, one that is written does not', () => {
    const sites = (task: TaskSpec) => allocations(run('v6.1', [task], { all: true })).map(({ site }) => site);
    expect(sites(hugeRead)).toContain('mm_get_huge_zero_page');
    expect(sites(hugeWrite)).not.toContain('mm_get_huge_zero_page');
  });

  test('is refused where the filesystem has none', () => {
    expect(() => run('v6.1', [hugeRead], {}, plain as typeof huge)).toThrow(
      expect.objectContaining({ code: 'MM_TASK_UNSUPPORTED' }),
    );
  });
});
