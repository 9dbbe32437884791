import { type CaseSetting, type ConformanceCase, cases } from '@faultpath/conformance';
import { buildFaultModel, eraNames, type FaultTaskSpec, type TaskSpec } from '@faultpath/mm';
import { describe, expect, test } from 'vitest';
import { adapters, cases as crossCases } from '../src/index.ts';

/** A freeze reaches into every step: there the fault on another file is left to `--bounds files=2`. */
const besideFreeze = ['dax/007', 'dax/010', 'page/006'];

/** These keep the shape of the page that they belong to: two pages of one file, and a writeback between them. */
const asInTheirPage = ['ext4/001', 'ext4/002'];

/** A loop device and the journals above and below it are five threads: there too. */
const aboveLoop = ['cross/004', 'cross/005', 'cross/006'];

const isFault = (task: TaskSpec): task is FaultTaskSpec => task.kind === 'read-fault' || task.kind === 'write-fault';
const file = ({ fs, inode }: FaultTaskSpec): string => `${fs ?? ''}/${inode ?? 0}`;

function everyCell(): [string, ConformanceCase, CaseSetting][] {
  return adapters.flatMap((fs) =>
    eraNames.flatMap((era) =>
      [...cases, ...crossCases].flatMap((subject): [string, ConformanceCase, CaseSetting][] => {
        const setting: CaseSetting = { fs, era, policy: 'as-released' };
        // A probe of one call at a time explores nothing against each other.
        if (subject.groups.includes('adapter') || asInTheirPage.includes(subject.id)) return [];
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
    const [first] = faults;
    expect(faults.filter((task) => file(task) === file(first as FaultTaskSpec)).length, 'two tasks on one page').toBe(
      2,
    );
    expect(new Set(faults.map(({ page }) => page ?? 0)), 'on page 0').toEqual(new Set([0]));
    const files = new Set(faults.map(file)).size;
    expect(files, 'and one on another file').toBe([...besideFreeze, ...aboveLoop].includes(subject.id) ? 1 : 2);
    const kinds = scenario.tasks.map(({ kind }) => kind);
    expect(kinds).toContain('kswapd');
    expect(kinds.includes('truncate'), 'truncate where it is modelled').toBe(setting.fs.f_op.truncate !== undefined);
    expect(kinds.includes('freeze')).toBe(besideFreeze.includes(subject.id));
    expect(scenario.victims?.length).toBeGreaterThan(0);
    for (const victim of scenario.victims ?? []) expect(victim.supply ?? 'any', 'as many as reclaim wants').toBe('any');
    const daemons = buildFaultModel(scenario).threads.filter(({ daemon }) => daemon === true);
    const own = setting.fs.threads.filter(({ name }) => daemons.some((thread) => thread.name.startsWith(name)));
    const log = { ext4: 'jbd2', nilfs2: 'segctord', f2fs: 'f2fs_ckpt' }[setting.fs.name];
    if (log !== undefined) expect(own.map(({ name }) => name)).toContain(log);
  });
});
