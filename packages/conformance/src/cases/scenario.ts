import type { FaultCase, TaskSpec, VictimSpec } from '@faultpath/mm';
import type { CaseSetting } from '../case.ts';

/** Kinds of unused inodes that reclaim can reach in this era. */
export function reachableKinds({ fs, era }: CaseSetting): readonly string[] {
  return Object.entries(fs.reclaim.kinds)
    .filter(([, kind]) => kind.eras.includes(era))
    .map(([name]) => name);
}

/** Two unused inodes of each kind: with one, nobody could find that another took it. */
export function twoOfEach(kinds: readonly string[]): readonly VictimSpec[] {
  return kinds.flatMap((kind) => [{ kind }, { kind }]);
}

/** Two tasks on one page and one on another file: the least that a case explores, so that no speed comes from smallness. */
export function threeFaults(first: FaultKind, second: FaultKind, third: FaultKind): readonly TaskSpec[] {
  return [
    { kind: first, inode: 0, page: 0 },
    { kind: second, inode: 0, page: 0 },
    { kind: third, inode: 1, page: 0 },
  ];
}

type FaultKind = 'read-fault' | 'write-fault';

/** What else goes on: somebody who wants things written, and kswapd. */
export function company({ fs }: CaseSetting): readonly TaskSpec[] {
  return [...(fs.f_op.fsync === undefined ? [] : [{ kind: 'fsync', inode: 1 } as const]), { kind: 'kswapd' }];
}

/** A scenario of this setting. */
export function scenarioOf(
  setting: CaseSetting,
  tasks: readonly TaskSpec[],
  victims: readonly VictimSpec[],
): FaultCase {
  return {
    era: setting.era,
    policy: setting.policy,
    filesystem: setting.fs,
    tasks: [...tasks, ...company(setting)],
    victims,
  };
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
