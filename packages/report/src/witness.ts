import type { CycleMember, Finding } from '@faultpath/lockdep';
import { ReportError } from './errors.ts';

/** One step of one task, already put into words: `takes i_mmap_sem (shared)`. */
export interface WitnessStep {
  /** Index into `Witness.tasks`. */
  readonly task: number;
  /** Step number in the schedule, 0-based. */
  readonly step: number;
  readonly text: string;
  /** Kernel functions, innermost first. */
  readonly backtrace: readonly string[];
  /** What a reader should know of this step, such as the mask in force. */
  readonly note?: string;
  /** The task goes to sleep here and never wakes. */
  readonly waits?: boolean;
}

/** A schedule that shows a finding, told step by step. */
export interface Witness {
  readonly tasks: readonly string[];
  /** In schedule order. */
  readonly steps: readonly WitnessStep[];
  readonly finding: Finding;
  /** The command that shows it again, whole: `faultpath replay ext4 dax/004 …`. */
  readonly replay: string;
}

/** One edge of a wait-for cycle: `from` waits for what `to` holds. */
export interface WaitEdge {
  readonly from: CycleMember;
  /** Absent where none of them holds it, as after a lost wake-up: then there is no ring, only tasks that wait. */
  readonly to?: CycleMember;
}

/** Edges of a cycle in order; the last leads back to the first. */
export function waitEdges(cycle: readonly CycleMember[]): WaitEdge[] {
  return cycle.map((from, i) => {
    const next = cycle[(i + 1) % cycle.length] ?? from;
    return next.holds.some((held) => held.lock === from.wants.lock) ? { from, to: next } : { from };
  });
}

/** A lock as people say it: `i_data_sem of inode:1 (shared)`. */
export function lockPhrase(lock: { readonly lock: string; readonly instance: string; readonly mode?: string }): string {
  // `ext4/inode0.i_data_sem` says the lock twice.
  const owner = lock.instance.endsWith(`.${lock.lock}`) ? lock.instance.slice(0, -lock.lock.length - 1) : lock.instance;
  const of = owner === '' || owner === lock.lock ? '' : ` of ${owner}`;
  return lock.mode === undefined || lock.mode === 'exclusive'
    ? `${lock.lock}${of}`
    : `${lock.lock}${of} (${lock.mode})`;
}

/** A witness split into the ring, and those who only wait behind it. */
export interface WitnessParts {
  /** Tasks of the cycle with their steps, columns renumbered; everybody where there is no cycle. */
  readonly ring: Witness;
  /** What each of the others waits for: `kswapd0 waits for jbd2_transaction`. */
  readonly behind: readonly string[];
}

/** Whoever is not in the ring did nothing that the deadlock needs; a column each would hide those who did. */
export function partWitness(witness: Witness): WitnessParts {
  const inRing = new Set((witness.finding.cycle ?? []).map((member) => member.task));
  const tasks = witness.tasks.filter((task) => inRing.has(task));
  if (tasks.length === 0) return { ring: witness, behind: [] };
  const name = (step: WitnessStep): string => witness.tasks[step.task] ?? '';
  const steps = witness.steps.filter((step) => inRing.has(name(step)));
  return {
    ring: { ...witness, tasks, steps: steps.map((step) => ({ ...step, task: tasks.indexOf(name(step)) })) },
    behind: witness.steps
      .filter((step) => step.waits === true && !inRing.has(name(step)))
      .map((step) => `${name(step)} ${step.text}`),
  };
}

/**
 * The cycle in sentences, one a member and one at the end.
 *
 * @throws ReportError REPORT_UNEXPLAINED when the finding explains no step.
 */
export function tellFinding(finding: Finding): string[] {
  if (finding.because.length === 0) {
    throw new ReportError('REPORT_UNEXPLAINED', `the rule ${finding.rule} explains nothing of: ${finding.claim}`);
  }
  if (finding.cycle === undefined || finding.cycle.length === 0) return [];
  const edges = waitEdges(finding.cycle);
  if (doneByOne(edges)) return tellTimes(edges);
  const told = edges.map(({ from, to }) => {
    const under = from.mask === undefined ? '' : ` while it allocates with ${from.mask}`;
    if (to === undefined) return `${from.task} waits for ${lockPhrase(from.wants)}${under}, which none of them holds.`;
    return from === to
      ? `${from.task} waits for ${lockPhrase(from.wants)}${under}, which it holds itself.`
      : `${from.task} waits for ${lockPhrase(from.wants)}${under}, because ${to.task} holds it.`;
  });
  if (edges.some(({ to }) => to === undefined)) return told;
  const first = finding.cycle[0]?.task ?? '';
  return [
    ...told,
    finding.cycle.length === 1
      ? `However, only ${first} could release it: a deadlock.`
      : 'However, each of them waits for the next: none can ever move.',
  ];
}

/** One task was seen doing more than one part of the cycle: it never waited for itself. */
const doneByOne = (edges: readonly WaitEdge[]): boolean =>
  edges.some(({ from, to }) => to !== undefined && from !== to && from.task === to.task);

/** What a task did at different times, and what becomes of tasks that do it at once. */
function tellTimes(edges: readonly WaitEdge[]): string[] {
  const told = edges.map(({ from }) => {
    const held = from.holds.map(lockPhrase).join(', ');
    const under = from.mask === undefined ? '' : `, allocating with ${from.mask}`;
    // What was declared, nobody was seen doing.
    const does = from.wants.instance === '' ? 'would wait for' : 'asked for';
    return `${from.task} ${does} ${lockPhrase(from.wants)} with ${held} held${under}.`;
  });
  return [...told, 'However, tasks that do so at the same time wait for each other: none can ever move.'];
}
