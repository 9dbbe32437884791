import {
  compileSystem,
  type Exploration,
  explore,
  kernelFunction,
  type Model,
  note,
  systemKey,
} from '@faultpath/engine';
import { describe, expect, test } from 'vitest';
import {
  __vm_insert_mixed,
  buildFaultModel,
  createFaultModels,
  type FaultCase,
  type Machine,
  ModelError,
  type ModelEvent,
  type PolicyName,
  policyNames,
  type VmFault,
} from '../src/index.ts';
import { tiny } from './support.ts';

const good: FaultCase = { era: 'v6.1', filesystem: tiny, tasks: [{ kind: 'read-fault' }] };

const unsupported = 'MM_TASK_UNSUPPORTED';

function refusal(change: object): string {
  try {
    buildFaultModel({ ...good, ...change } as FaultCase);
  } catch (error) {
    if (error instanceof ModelError) return error.code;
    throw error;
  }
  throw new Error('it was accepted');
}

function events(exploration: Exploration): ModelEvent[] {
  const all: unknown[] = [...exploration.prologues()].flatMap(({ passed }) => passed.map(({ event }) => event));
  for (const { edge } of exploration.walk()) all.push(edge.alternative.event, ...edge.passed.map(({ event }) => event));
  return all.flat().filter((event) => event !== undefined) as ModelEvent[];
}

describe('buildFaultModel', () => {
  test.each([
    ['no task', { tasks: [] }, 'MM_NOTHING_TO_RUN'],
    ['an era that there is not', { era: 'v3.0' }, 'MM_ERA_UNKNOWN'],
    ['an era that the filesystem has not', { era: 'v5.15' }, 'MM_ERA_UNSUPPORTED'],
    ['a policy that there is not', { policy: 'hope' }, 'MM_POLICY_UNKNOWN'],
    ['a superblock that is not mounted', { tasks: [{ kind: 'read-fault', fs: 'other' }] }, 'MM_FILESYSTEM_UNKNOWN'],
    ['a kind that reclaim cannot reach', { era: 'v4.9', victims: [{ kind: 'lazytime' }] }, 'MM_VICTIM_UNREACHABLE'],
    ['an operation that is not modelled', { tasks: [{ kind: 'fsync' }] }, 'MM_TASK_UNSUPPORTED'],
    ['MAP_SYNC where there is none', { tasks: [{ kind: 'write-fault', sync: true }] }, 'MM_TASK_UNSUPPORTED'],
    [
      'a copy before it is modelled',
      { era: 'v4.9', tasks: [{ kind: 'write-fault', mapping: 'private' }] },
      unsupported,
    ],
    ['a copy without a write', { tasks: [{ kind: 'read-fault', mapping: 'private' }] }, unsupported],
    ['a read of a page that is mapped', { tasks: [{ kind: 'read-fault', pageTable: 'read-only' }] }, unsupported],
    ['more files than are modelled', { tasks: [{ kind: 'read-fault', inode: 8 }] }, 'MM_BOUND'],
  ])('refuses %s', (_what, change, code) => {
    expect(refusal(change)).toBe(code);
  });

  test('says which fields of the policy a model looks at, and no others', () => {
    const { model, looks } = createFaultModels(good).under('as-released');
    const fields = new Set([...looks.keys(), ...compileSystem(model).looks.keys()]);
    expect(fields.has('vmfMask')).toBe(true);
    expect(fields.has('ext4DeclaresNofs')).toBe(false);
    expect(fields.has('name')).toBe(false);
  });

  test('policies that share a machine have each the model they have alone', () => {
    const fault = kernelFunction('asks_fault', function* (env: Machine, vmf: VmFault) {
      yield note('asks', { scope: env.policy.handleScope });
      return yield* __vm_insert_mixed(env, vmf);
    });
    const given: FaultCase = { ...good, filesystem: { ...tiny, vm_ops: { ...tiny.vm_ops, fault } } };
    const models = createFaultModels(given);
    const built = policyNames.map((policy) => models.under(policy).model);
    expect(new Set(built.map(({ world }) => world)).size).toBe(1);
    // The last first: which policy a machine was built for must not matter.
    for (const [index, policy] of [...policyNames.entries()].reverse()) {
      const alone = compileSystem(buildFaultModel({ ...given, policy }));
      expect(systemKey(compileSystem(built[index] as Model))).toBe(systemKey(alone));
    }
    expect(new Set(built.map((model) => systemKey(compileSystem(model)))).size).toBe(2);
    expect(() => models.under('hope' as PolicyName)).toThrow(expect.objectContaining({ code: 'MM_POLICY_UNKNOWN' }));
  });

  test('equal tasks start with the same call, different ones do not', () => {
    const { threads } = buildFaultModel({
      ...good,
      tasks: [{ kind: 'read-fault' }, { kind: 'read-fault' }, { kind: 'read-fault', page: 1 }],
    });
    expect(threads[0]?.start.args[1]).toBe(threads[1]?.start.args[1]);
    expect(threads[0]?.start.args[1]).not.toBe(threads[2]?.start.args[1]);
  });

  test('a fault is told from its entry to its end, with mmap_lock around', () => {
    const told = events(explore(buildFaultModel(good))).map((event) =>
      event.type === 'lock'
        ? `${event.action} ${event.lock}`
        : event.type === 'fault'
          ? `${event.action} fault`
          : event.type,
    );
    expect(told).toEqual(['enter fault', 'acquired mmap_lock', 'alloc', 'alloc', 'release mmap_lock', 'exit fault']);
  });

  test('the page-table page made beforehand is an allocation of its own, from the era on that makes it', () => {
    const allocations = (era: FaultCase['era'], pageTable: 'missing' | 'present') =>
      events(explore(buildFaultModel({ ...good, era, tasks: [{ kind: 'read-fault', pageTable }] }))).filter(
        ({ type }) => type === 'alloc',
      );
    expect(allocations('v6.1', 'missing')).toHaveLength(2);
    expect(allocations('v4.9', 'missing')).toHaveLength(1);
    expect(allocations('v6.1', 'present')).toHaveLength(0);
  });

  test('reclaim runs where the mask lets it, and never in a scope or inside reclaim', () => {
    const reclaims = (scope?: 'nofs') =>
      events(
        explore(
          buildFaultModel({
            ...good,
            tasks: [{ kind: 'read-fault', ...(scope === undefined ? {} : { scope }) }],
            victims: [{ kind: 'lazytime' }],
          }),
        ),
      ).filter(({ type }) => type === 'reclaim');
    expect(reclaims().length).toBeGreaterThan(0);
    expect(reclaims('nofs')).toEqual([]);
  });
});

describe('kswapd', () => {
  test('takes unused inodes by itself, and does not keep the model from ending', () => {
    const exploration = explore(
      buildFaultModel({ ...good, tasks: [{ kind: 'kswapd' }, { kind: 'read-fault' }], victims: [{ kind: 'linked' }] }),
    );
    expect(exploration.verdict).toBe('proved');
    expect(events(exploration).some((event) => event.type === 'reclaim' && event.via === 'kswapd')).toBe(true);
  });
});

describe('a freeze', () => {
  test('waits for nobody where nobody is inside, and thaws', () => {
    expect(explore(buildFaultModel({ ...good, tasks: [{ kind: 'freeze' }, { kind: 'read-fault' }] })).verdict).toBe(
      'proved',
    );
  });
});
