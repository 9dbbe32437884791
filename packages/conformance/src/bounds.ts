import type { FaultCase, FaultTaskSpec, FileTaskSpec, TaskSpec } from '@faultpath/mm';
import type { CaseSetting, ConformanceCase } from './case.ts';
import { ConformanceError } from './errors.ts';

/**
 * At least so many, in every case about faults; what a case has more of stays. Unused inodes are no bound: there are as
 * many of each kind as reclaim wants.
 */
export interface LargerBounds {
  /** Tasks that fault on one page, 2 to 8: those of the case over again. */
  readonly faults?: number;
  /** Files that tasks fault on, 2 to 8. */
  readonly files?: number;
  /** Files that somebody cuts short meanwhile, as often as they like, 1 to 8; nothing where truncate is not modelled. */
  readonly truncates?: number;
}

const least = { faults: 2, files: 2, truncates: 1 } as const;
const MOST = 8;

type Bound = keyof typeof least;

const names = Object.keys(least) as readonly Bound[];

/**
 * Reads `faults=3`, `files=3` and the like.
 *
 * @throws ConformanceError `CONFORMANCE_BAD_BOUNDS`
 */
export function parseBounds(words: readonly string[]): LargerBounds {
  const bounds: Record<string, number> = {};
  for (const word of words) {
    const [, name, count] = /^([a-z]+)=(\d+)$/.exec(word) ?? [];
    if (name === undefined) refuse(word, `write one of ${names.join(', ')}, = and a number`);
    else if (name in bounds) refuse(word, `'${name}' is there twice`);
    else bounds[name] = Number(count);
  }
  checkBounds(bounds);
  return bounds;
}

/**
 * Refuses a bound that there is not, and one below the minimum or beyond what is modelled.
 *
 * @throws ConformanceError `CONFORMANCE_BAD_BOUNDS`
 */
export function checkBounds(bounds: LargerBounds): void {
  for (const [name, count] of Object.entries(bounds) as [string, number | undefined][]) {
    if (!names.includes(name as Bound)) refuse(name, `there is no such bound; known: ${names.join(', ')}`);
    const from = least[name as Bound];
    if (count === undefined || (Number.isInteger(count) && count >= from && count <= MOST)) continue;
    refuse(`${name}=${count}`, `give a whole number from ${from}, the minimum of every case, to ${MOST}`);
  }
}

function refuse(where: string, why: string): never {
  throw new ConformanceError('CONFORMANCE_BAD_BOUNDS', where, why);
}

/** As the command line writes it, in one order; empty where nothing is asked for. */
export function boundsText(bounds: LargerBounds): string {
  return names.flatMap((name) => (bounds[name] === undefined ? [] : [`${name}=${bounds[name]}`])).join();
}

/** The case within larger bounds, and one that says so; itself where nothing is asked for. */
export function widenCase(subject: ConformanceCase, bounds: LargerBounds): ConformanceCase {
  const larger = boundsText(bounds);
  if (larger === '' || subject.larger === larger) return subject;
  return Object.freeze({
    ...subject,
    larger,
    scenario: (setting: CaseSetting) => widen(subject.scenario(setting), bounds),
  });
}

function widen(scenario: FaultCase, { faults = 0, files = 0, truncates = 0 }: LargerBounds): FaultCase {
  const all = scenario.tasks.filter(isFault);
  const [first] = all;
  // One fault alone is a probe, and nothing is explored against it.
  if (first === undefined || all.length === 1) return scenario;
  const samePage = all.filter((task) => fileOf(task) === fileOf(first) && (task.page ?? 0) === (first.page ?? 0));
  const added: TaskSpec[] = [];
  for (let n = samePage.length; n < faults; n++) added.push(samePage[n % samePage.length] as FaultTaskSpec);

  const used = new Set(all.filter(({ fs }) => fs === first.fs).map(({ inode = 0 }) => inode));
  for (let inode = 0; used.size < files; inode++) {
    if (used.has(inode)) continue;
    used.add(inode);
    added.push({ ...(all.findLast(({ fs }) => fs === first.fs) as FaultTaskSpec), inode });
  }

  const cut = scenario.tasks.filter(isTruncate);
  const [truncate] = cut;
  const cutFiles = new Set(cut.map(({ inode = 0 }) => inode));
  if (truncate !== undefined)
    for (let inode = 0; cutFiles.size < truncates; inode++) {
      if (cutFiles.has(inode)) continue;
      cutFiles.add(inode);
      added.push({ ...truncate, inode });
    }
  return { ...scenario, tasks: [...scenario.tasks, ...added] };
}

function isTruncate(task: TaskSpec): task is FileTaskSpec {
  return task.kind === 'truncate';
}

function isFault(task: TaskSpec): task is FaultTaskSpec {
  return task.kind === 'read-fault' || task.kind === 'write-fault';
}

function fileOf({ fs, inode }: FaultTaskSpec): string {
  return `${fs ?? ''}/${inode ?? 0}`;
}
