import type { FaultCase, TaskSpec, VictimSpec } from '@faultpath/mm';
import type { CaseSetting } from '../case.ts';

/** Ids of the rules that judge a case about faults, of DAX or of the page cache. */
export const faultRules = [
  'engine/deadlock',
  'engine/model-error',
  'lockdep/circular',
  'gfp/fs-recursion',
  'lock/leak',
  'lock/order',
  'lock/contract',
  'lock/leaf',
  'fault/contract',
  'scope/balance',
  'gfp/mapping-mask',
  'gfp/mask-juggling',
] as const;

/** Kinds of unused inodes that reclaim can reach in this era. */
export function reachableKinds({ fs, era }: CaseSetting): readonly string[] {
  return Object.entries(fs.reclaim.kinds)
    .filter(([, kind]) => kind.eras.includes(era))
    .map(([name]) => name);
}

/** Unused inodes of each kind, as many as reclaim wants: what is proved holds for any number of them. */
export function anyOf(kinds: readonly string[]): readonly VictimSpec[] {
  return kinds.map((kind) => ({ kind }));
}

/** Two tasks on one page and one on another file: the least that a case explores, so that no speed comes from smallness. */
export function threeFaults(first: FaultKind, second: FaultKind, third: FaultKind): readonly TaskSpec[] {
  return [
    { kind: first, inode: 0, page: 0 },
    { kind: second, inode: 0, page: 0 },
    { kind: third, inode: 1, page: 0 },
  ];
}

/**
 * The same beside a freeze, which reaches into every step of every task: the one on another file reads, as a third that
 * writes costs more than all other cases together. `--bounds files=3` brings one. In a scope, that one reclaims nothing
 * of filesystems: its locks are there, and what reclaim meets is met by the first two.
 */
export function besideFreeze(third: { readonly scope?: 'nofs' } = {}): readonly TaskSpec[] {
  return [
    { kind: 'read-fault', inode: 0, page: 0 },
    { kind: 'write-fault', inode: 0, page: 0 },
    { kind: 'read-fault', inode: 1, page: 0, ...third },
    { kind: 'freeze' },
  ];
}

type FaultKind = 'read-fault' | 'write-fault';

/**
 * A scenario of this setting, with kswapd. A commit needs nobody who asks for it: it may begin whenever there is something
 * to commit.
 */
export function scenarioOf(
  setting: CaseSetting,
  tasks: readonly TaskSpec[],
  victims: readonly VictimSpec[],
): FaultCase {
  return {
    era: setting.era,
    policy: setting.policy,
    filesystem: setting.fs,
    tasks: [...tasks, { kind: 'kswapd' }],
    victims,
  };
}

/** A scenario of faults: somebody cuts the file of the first two short meanwhile, as often as they like. */
export function faultsOf(setting: CaseSetting, tasks: readonly TaskSpec[], victims: readonly VictimSpec[]): FaultCase {
  const truncate: readonly TaskSpec[] =
    setting.fs.f_op.truncate === undefined ? [] : [{ kind: 'truncate', inode: 0, again: true }];
  return scenarioOf(setting, [...tasks, ...truncate], victims);
}

/** Why a DAX case is not run here; undefined when it can be. */
export function needsDax({ fs, era }: CaseSetting): string | undefined {
  if (!fs.supports.dax) return `${fs.name} has no DAX`;
  if (!fs.supports.eras.includes(era)) return `${fs.name} is not modelled for ${era}`;
  return undefined;
}

/** Why a case about inodes of one kind is not run here. */
export function needsKind(setting: CaseSetting, kind: string): string | undefined {
  const missing = needsDax(setting);
  if (missing !== undefined) return missing;
  return reachableKinds(setting).includes(kind)
    ? undefined
    : `in ${setting.era}, reclaim reaches no ${kind} inode of ${setting.fs.name}`;
}
