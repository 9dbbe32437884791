import { type CaseSetting, type ConformanceCase, cases, widenCase } from '@faultpath/conformance';
import { compileSystem } from '@faultpath/engine';
import { buildFaultModel, eraNames, type FaultTaskSpec, type TaskSpec } from '@faultpath/mm';
import { describe, expect, test } from 'vitest';
import { adapters, cases as crossCases } from '../src/index.ts';

const withFreeze = ['dax/007', 'dax/010', 'page/006'];

/** There the fault on another file is in a scope: its locks are there, and its reclaim is that of the first two. */
const inScope = ['cross/001', 'cross/002', 'cross/003', 'dax/010'];

/** Two pages of one file, and a writeback between them: there the fault on another file is left to `--bounds files=2`. */
const onOneFile = ['ext4/001', 'ext4/002'];

const isFault = (task: TaskSpec): task is FaultTaskSpec => task.kind === 'read-fault' || task.kind === 'write-fault';
const file = ({ fs, inode }: FaultTaskSpec): string => `${fs ?? ''}/${inode ?? 0}`;

function everyCell(): [string, ConformanceCase, CaseSetting][] {
  return adapters.flatMap((fs) =>
    eraNames.flatMap((era) =>
      [...cases, ...crossCases].flatMap((subject): [string, ConformanceCase, CaseSetting][] => {
        const setting: CaseSetting = { fs, era, policy: 'as-released' };
        // A probe of one call at a time explores nothing against each other.
        if (subject.groups.includes('adapter')) return [];
        if (subject.requires(setting) !== undefined || !subject.scenario(setting).tasks.some(isFault)) return [];
        return [[`${fs.name} ${era} ${subject.id}`, subject, setting]];
      }),
    ),
  );
}

describe('every case about faults has the minimum bounds', () => {
  test('and there are such cases', () => {
    expect(new Set(everyCell().map(([, subject]) => subject.id)).size).toBeGreaterThan(15);
  });

  test.each(everyCell())('%s', (_, subject, setting) => {
    const scenario = subject.scenario(setting);
    const faults = scenario.tasks.filter(isFault);
    const [first] = faults as [FaultTaskSpec];
    const samePage = faults.filter((task) => file(task) === file(first) && (task.page ?? 0) === (first.page ?? 0));
    expect(samePage.length, 'two tasks on one page').toBe(2);
    const [third, ...more] = faults.filter((task) => !samePage.includes(task)) as [FaultTaskSpec];
    expect(more, 'and a third').toEqual([]);
    if (onOneFile.includes(subject.id)) expect([file(third), third.page]).toEqual([file(first), 1]);
    else {
      expect(file(third), 'on another file').not.toBe(file(first));
      expect(third.page ?? 0).toBe(0);
      const scoped = third.scope === 'nofs' && first.scope === undefined;
      expect(scoped, 'in a scope').toBe(inScope.includes(subject.id));
    }
    const kinds = scenario.tasks.map(({ kind }) => kind);
    expect(kinds).toContain('kswapd');
    expect(kinds.includes('truncate'), 'truncate where it is modelled').toBe(setting.fs.f_op.truncate !== undefined);
    expect(kinds.includes('freeze')).toBe(withFreeze.includes(subject.id));
    expect(scenario.victims?.length).toBeGreaterThan(0);
    for (const victim of scenario.victims ?? []) expect(victim.supply ?? 'any', 'as many as reclaim wants').toBe('any');
    const daemons = buildFaultModel(scenario).threads.filter(({ daemon }) => daemon === true);
    const own = setting.fs.threads.filter(({ name }) => daemons.some((thread) => thread.name.startsWith(name)));
    const log = { ext4: 'jbd2', nilfs2: 'segctord', f2fs: 'f2fs_ckpt' }[setting.fs.name];
    if (log !== undefined) expect(own.map(({ name }) => name)).toContain(log);
  });
});

const larger = { faults: 3, files: 3, truncates: 2 } as const;

test.each(everyCell().filter(([, , { era }]) => era === 'v4.12' || era === 'v6.12'))(
  '%s is a model within larger bounds, too',
  (_, subject, setting) => {
    const system = compileSystem(buildFaultModel(widenCase(subject, larger).scenario(setting)));
    expect(system.model.threads.length).toBeGreaterThan(5);
  },
);
