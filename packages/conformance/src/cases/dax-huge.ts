import { eras } from '@faultpath/mm';
import { type CaseSetting, defineCase } from '../case.ts';
import { anyOf, faultRules, faultsOf, needsDax, reachableKinds } from './scenario.ts';

/** Why a case about faults of 2 MiB is not run here; undefined when it can be. */
function needsHuge(setting: CaseSetting): string | undefined {
  const { fs, era } = setting;
  if (fs.supports.dax && fs.vm_ops.huge_fault === undefined) return `${fs.name} has no faults of 2 MiB`;
  if (eras[era].pmdGfp.is === 'none') return `${era} marked faults of 2 MiB as broken`;
  return needsDax(setting);
}

/** Inodes whose last reference opens a handle, where there are such: dax/001 and dax/009 have the other kinds. */
function kinds(setting: CaseSetting): readonly string[] {
  const reachable = reachableKinds(setting);
  if (reachable.includes('lazytime')) return ['lazytime'];
  return reachable.filter((kind) => setting.fs.reclaim.kinds[kind]?.frequency === 'common');
}

export const daxHugeRead = defineCase({
  id: 'dax/011',
  title: 'a read fault of 2 MiB on a hole, and write faults of one page, against reclaim',
  groups: ['dax', 'read', 'write', 'huge'],
  level: 'MUST',
  guards: 'docs/findings/ext4-dax-lazytime.md: the huge zero page is allocated with the entry locked',
  requires: needsHuge,
  scenario: (setting) =>
    faultsOf(
      setting,
      [{ kind: 'read-fault', size: 'pmd' }, { kind: 'write-fault' }, { kind: 'write-fault', inode: 1 }],
      anyOf(kinds(setting)),
    ),
  rules: faultRules,
  twins: [],
});

export const daxHugeWrite = defineCase({
  id: 'dax/012',
  title: 'write faults of 2 MiB, against reclaim',
  groups: ['dax', 'write', 'huge'],
  level: 'MUST',
  guards:
    'linux-mm, October 2016: the mask that a fault of 2 MiB builds for itself, while the filesystem holds its locks',
  requires: needsHuge,
  scenario: (setting) =>
    faultsOf(
      setting,
      [
        { kind: 'write-fault', size: 'pmd' },
        { kind: 'write-fault', size: 'pmd' },
        { kind: 'write-fault', inode: 1 },
      ],
      anyOf(kinds(setting)),
    ),
  rules: faultRules,
  twins: [],
});
