import { type CaseSetting, defineCase } from '../case.ts';
import {
  anyOf,
  besideFreeze,
  faultRules,
  faultsOf,
  needsDax,
  needsKind,
  reachableKinds,
  threeFaults,
} from './scenario.ts';

const lazytimeFinding = 'docs/findings/ext4-dax-lazytime.md';
/** Kinds that reclaim meets all day. */
const commonKinds = (setting: CaseSetting): readonly string[] =>
  reachableKinds(setting).filter((kind) => setting.fs.reclaim.kinds[kind]?.frequency === 'common');

/** Kinds that are met under some mount option, or rarely; lazy timestamps have cases of their own. */
const uncommonKinds = (setting: CaseSetting): readonly string[] =>
  reachableKinds(setting).filter((kind) => kind !== 'lazytime' && !commonKinds(setting).includes(kind));

export const daxWriteFaults = defineCase({
  id: 'dax/001',
  title: 'write faults on holes, against reclaim of every kind of inode',
  groups: ['dax', 'write', 'quick'],
  level: 'MUST',
  guards: 'linux-mm, December 2016: a task that holds a handle or a transaction must not reclaim into the filesystem',
  requires: needsDax,
  scenario: (setting) =>
    faultsOf(setting, threeFaults('write-fault', 'write-fault', 'write-fault'), anyOf(reachableKinds(setting))),
  rules: faultRules,
  twins: [],
});

export const daxReadFaults = defineCase({
  id: 'dax/002',
  title: 'read faults on holes, against reclaim of every kind of inode',
  groups: ['dax', 'read', 'quick'],
  level: 'MUST',
  guards:
    'c20cd45eb017: a read fault may enter the filesystem through reclaim while it holds nothing that reclaim needs',
  requires: needsDax,
  scenario: (setting) =>
    faultsOf(setting, threeFaults('read-fault', 'read-fault', 'read-fault'), anyOf(reachableKinds(setting))),
  rules: faultRules,
  twins: [],
});

export const daxReadAgainstWrite = defineCase({
  id: 'dax/003',
  title: 'a read fault and a write fault on one page, ordinary inodes in reclaim',
  groups: ['dax', 'read', 'write', 'quick'],
  level: 'MUST',
  guards: `${lazytimeFinding}: without inodes whose last reference starts a handle, the cycle is open`,
  requires: needsDax,
  scenario: (setting) =>
    faultsOf(setting, threeFaults('read-fault', 'write-fault', 'write-fault'), anyOf(commonKinds(setting))),
  rules: faultRules,
  twins: [],
});

export const daxReadAgainstWriteLazytime = defineCase({
  id: 'dax/004',
  title: 'a read fault and a write fault on one page, lazytime inodes in reclaim',
  groups: ['dax', 'read', 'write', 'lazytime', 'quick'],
  level: 'MUST',
  guards: `${lazytimeFinding}: stock kernels 5.10 to 7.2 hang here`,
  requires: (setting) => needsKind(setting, 'lazytime'),
  scenario: (setting) =>
    faultsOf(setting, threeFaults('read-fault', 'write-fault', 'write-fault'), anyOf(['lazytime'])),
  rules: faultRules,
  twins: [],
});

export const daxReadInScope = defineCase({
  id: 'dax/005',
  title: 'as dax/004, the read fault in a NOFS scope',
  groups: ['dax', 'read', 'write', 'lazytime', 'quick'],
  level: 'MUST',
  guards: `${lazytimeFinding}: a scope around the read fault is the cure that was observed`,
  requires: (setting) => needsKind(setting, 'lazytime'),
  scenario: (setting) => {
    const [read, ...writes] = threeFaults('read-fault', 'write-fault', 'write-fault');
    return faultsOf(setting, [{ ...read, kind: 'read-fault', scope: 'nofs' }, ...writes], anyOf(['lazytime']));
  },
  rules: faultRules,
  twins: [],
});

export const daxTruncate = defineCase({
  id: 'dax/006',
  title: 'read and write faults on a file that is truncated',
  groups: ['dax', 'truncate'],
  level: 'MUST',
  guards: '730633f0b7f9, 2433480a7e1d: faults and truncate exclude each other, and truncate waits for locked entries',
  requires: (setting) =>
    needsDax(setting) ??
    (setting.fs.f_op.truncate === undefined ? `${setting.fs.name} has no model of truncate` : undefined),
  scenario: (setting) =>
    faultsOf(
      setting,
      [
        ...threeFaults('read-fault', 'write-fault', 'write-fault'),
        ...(setting.fs.f_op.fsync === undefined ? [] : [{ kind: 'fsync', inode: 0 } as const]),
      ],
      anyOf(commonKinds(setting)),
    ),
  rules: faultRules,
  twins: [],
});

export const daxFreeze = defineCase({
  id: 'dax/007',
  title: 'write faults while the filesystem is frozen and thawed',
  groups: ['dax', 'freeze'],
  level: 'MUST',
  guards: '14da9200140f, ea13a86463fd: a write fault takes the page-fault level of freeze protection',
  requires: needsDax,
  scenario: (setting) => faultsOf(setting, besideFreeze(), anyOf(commonKinds(setting))),
  rules: faultRules,
  twins: [],
});

export const daxSync = defineCase({
  id: 'dax/008',
  title: 'MAP_SYNC write faults on one page, lazytime inodes in reclaim',
  groups: ['dax', 'write', 'sync', 'lazytime'],
  level: 'MUST',
  guards: `${lazytimeFinding}: dax_finish_sync_fault allocates after the handle's scope has ended`,
  requires: (setting) => {
    if (setting.era === 'v4.9' || setting.era === 'v4.10' || setting.era === 'v4.12')
      return `${setting.era} has no MAP_SYNC`;
    if (!setting.fs.supports.sync_faults) return `${setting.fs.name} has no MAP_SYNC`;
    return needsKind(setting, 'lazytime');
  },
  scenario: (setting) => {
    const [first, second, third] = threeFaults('write-fault', 'write-fault', 'write-fault');
    return faultsOf(
      setting,
      [
        { ...first, kind: 'write-fault', sync: true },
        ...[second, third].flatMap((task) => (task === undefined ? [] : [task])),
      ],
      anyOf(['lazytime']),
    );
  },
  rules: faultRules,
  twins: [],
});

export const daxReadAgainstWriteOther = defineCase({
  id: 'dax/009',
  title: 'a read fault and a write fault on one page, inodes of every other kind in reclaim',
  groups: ['dax', 'read', 'write'],
  level: 'MUST',
  guards: `${lazytimeFinding}: the same cycle through any inode whose end opens a handle`,
  requires: (setting) =>
    needsDax(setting) ?? (uncommonKinds(setting).length === 0 ? `${setting.fs.name} has no other kind` : undefined),
  scenario: (setting) =>
    faultsOf(setting, threeFaults('read-fault', 'write-fault', 'write-fault'), anyOf(uncommonKinds(setting))),
  rules: faultRules,
  twins: [],
});

export const daxFreezeEveryKind = defineCase({
  id: 'dax/010',
  title: 'as dax/007, inodes of every kind in reclaim',
  groups: ['dax', 'freeze'],
  level: 'MUST',
  guards: 'docs/findings/freeze-and-reclaim.md: reclaim that waits for a thaw keeps the thaw from s_umount',
  requires: (setting) =>
    needsDax(setting) ?? (uncommonKinds(setting).length === 0 ? `${setting.fs.name} has no other kind` : undefined),
  scenario: (setting) => faultsOf(setting, besideFreeze({ scope: 'nofs' }), anyOf(uncommonKinds(setting))),
  rules: faultRules,
  twins: [],
});
