import { type Exploration, explore, kernelFunction } from '@faultpath/engine';
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
import { dax_unlock_entry, grab_mapping_entry } from '../src/index.ts';
import { plain } from './support.ts';

const read = { kind: 'read-fault' } as const;
const write = { kind: 'write-fault' } as const;

function run(era: EraName, tasks: readonly TaskSpec[], more: { allocationFailure?: boolean } = {}): Exploration {
  return explore(buildFaultModel({ era, filesystem: plain, tasks, ...more }), { all: true });
}

function events(exploration: Exploration): ModelEvent[] {
  const all: unknown[] = [...exploration.prologues()].flatMap(({ passed }) => passed.map(({ event }) => event));
  for (const { edge } of exploration.walk()) all.push(edge.alternative.event, ...edge.passed.map(({ event }) => event));
  return all.flat().filter((event) => event !== undefined) as ModelEvent[];
}

describe('the entry lock', () => {
  test.each(eraNames)('%s: readers and writers of one page take turns, and every sleeper is woken', (era) => {
    for (const tasks of [
      [read, read, read],
      [write, write, write],
      [read, write, read],
    ]) {
      expect(run(era, tasks).verdict).toBe('proved');
    }
  });

  test('without the wake-up of the next sleeper two faults hang', () => {
    const forgetful = kernelFunction('forgetful_fault', function* (env: Machine, vmf: VmFault) {
      yield* grab_mapping_entry(env, vmf, false);
      if (!vmf.write) yield* dax_unlock_entry(env, vmf.slot);
      return VM_FAULT.NOPAGE;
    });
    const filesystem = { ...plain, vm_ops: { fault: forgetful } };
    const both = (tasks: readonly TaskSpec[]) => explore(buildFaultModel({ era: 'v6.1', filesystem, tasks })).verdict;
    expect(both([read, read])).toBe('proved');
    expect(both([read, write])).toBe('found');
  });

  test('is told with the file it belongs to, which is referenced', () => {
    const locks = events(run('v6.1', [read])).filter((event) => event.type === 'lock' && event.lock === 'dax_entry');
    expect(locks).toMatchObject([
      { action: 'acquired', mode: 'exclusive', kind: 'dax-entry', owner: { object: 'plain/inode0', referenced: true } },
      { action: 'release' },
    ]);
  });
});

describe('the hole page', () => {
  test('is a page of the page cache up to v4.12, mapped with its lock held, and none later', () => {
    const pages = (era: EraName) =>
      events(run(era, [read])).flatMap((event) =>
        event.type === 'lock' && event.lock === 'folio_lock' ? [event.action] : [],
      );
    expect(pages('v4.9')).toEqual(['acquired', 'release']);
    expect(pages('v4.12')).toEqual(['acquired', 'release']);
    expect(pages('v6.1')).toEqual([]);
  });

  test('gives way to an entry when the page is written, with a node of the fault mask', () => {
    const taken = (tasks: readonly TaskSpec[]) =>
      events(run('v4.12', tasks)).filter((event) => event.type === 'lock' && event.lock === 'dax_entry').length;
    const nodes = (tasks: readonly TaskSpec[]) =>
      events(run('v4.12', tasks)).filter((event) => event.type === 'alloc' && event.site === '__radix_tree_preload')
        .length;
    expect(nodes([read, write])).toBeGreaterThan(nodes([read]) + nodes([write]));
    expect(taken([read, write])).toBeGreaterThan(taken([read]) + taken([write]));
  });
});

describe('nodes of the tree', () => {
  const nodes = (era: EraName, allocationFailure: boolean) =>
    events(run(era, [write], { allocationFailure })).flatMap((event) =>
      event.type === 'alloc' && (event.site === 'xas_nomem' || event.site === '__radix_tree_preload')
        ? [event.site]
        : [],
    );

  test('are made beforehand up to v4.12', () => {
    expect(nodes('v4.9', false)).toEqual(['__radix_tree_preload']);
  });

  test('later only after an attempt without sleep failed', () => {
    expect(nodes('v6.1', false)).toEqual([]);
    expect(nodes('v6.1', true)).toEqual(['xas_nomem']);
  });
});

describe('the order of entry and blocks', () => {
  test('v4.10 asks for the blocks first', () => {
    const at = (era: EraName) => {
      const { system } = run(era, [write]);
      const states = system.automata.flatMap(({ detailed }) => detailed.states);
      return states.find(({ backtrace }) => backtrace[0] === 'get_unlocked_entry')?.backtrace;
    };
    expect(at('v4.10')).toContain('dax_iomap_fault');
    expect(at('v6.1')).toContain('dax_iomap_pte_fault');
  });
});
