import type { ClassGraph } from './class-graph.ts';
import type { ClassCycle } from './cycle.ts';
import type { ClassEdge, Evidence, LockFact } from './dependency.ts';
import type { LockEvent } from './events.ts';
import type { Feasibility } from './finding.ts';
import { isPseudo } from './lock-class.ts';
import { type Segment, segmentsOf, withEvidence } from './segments.ts';

/** What the engine, or anybody who can look for a schedule, answers for one cycle. */
export type WitnessAnswer =
  | { readonly found: true; readonly schedule: string }
  /** `exhausted`: every schedule within `bounds` was tried. */
  | { readonly found: false; readonly exhausted: boolean; readonly bounds: string };

export interface FeasibilityOptions {
  /**
   * The tasks and lock instances seen are all there are, as in a model. Off for recordings: there another task may do
   * the same on another instance, so one task or one instance in the evidence proves nothing.
   */
  readonly closedWorld?: boolean;
  /** A lock of which the system has one, so that two holders exclude each other wherever they were seen. */
  readonly isGlobal?: (lock: string) => boolean;
  /** Whether two tasks can run at the same time; without it all can. */
  readonly canRunInParallel?: (a: string, b: string) => boolean;
  readonly witness?: (cycle: ClassCycle) => WitnessAnswer | undefined;
  /** Which evidence of an edge to believe; all of it when absent. */
  readonly believes?: (edge: ClassEdge, evidence: Evidence) => boolean;
  /** Combinations of evidence to try before giving up as undecided. Default 20,000. */
  readonly budget?: number;
}

/** Follows a class cycle as far as the evidence and the witness go. A real deadlock is never called infeasible. */
export function judgeFeasibility(graph: ClassGraph, cycle: ClassCycle, options: FeasibilityOptions = {}): Feasibility {
  const segments = segmentsOf(cycle);
  const obstacle = findObstacle(graph, segments, options);
  if (obstacle.infeasible) return { verdict: 'infeasible', why: obstacle.why };
  const answer = options.witness?.(cycle);
  if (answer?.found === true) return { verdict: 'witnessed', schedule: answer.schedule };
  if (answer?.exhausted === true) {
    return { verdict: 'infeasible', why: `no schedule reaches it; all were tried within ${answer.bounds}` };
  }
  const looked =
    answer === undefined ? 'nobody looked for a schedule' : `not every schedule was tried within ${answer.bounds}`;
  return { verdict: 'undecided', why: obstacle.why === '' ? looked : `${obstacle.why}; ${looked}` };
}

interface Obstacle {
  readonly infeasible: boolean;
  readonly why: string;
}

function findObstacle(graph: ClassGraph, segments: readonly Segment[], options: FeasibilityOptions): Obstacle {
  const closed = options.closedWorld === true;
  let left = options.budget ?? 20_000;
  const reasons = new Map<string, number>();
  const chosen: Segment[] = [];
  const tasks: string[] = [];

  const complete = (): boolean => {
    for (let i = 0; i < chosen.length; i++) {
      const { wants } = chosen[i]!;
      const { holds } = chosen[(i + 1) % chosen.length]!;
      if (wants.mode === 'recursive-shared' && holds.mode !== 'exclusive') return false;
      const why = mismatch(wants, holds, closed);
      if (why !== undefined) {
        note(reasons, why);
        return false;
      }
    }
    return !closed || writersExist(graph, chosen, tasks, reasons);
  };

  const search = (depth: number): boolean | undefined => {
    if (depth === segments.length) return complete();
    for (const part of alternatives(segments[depth]!, options)) {
      if (left-- <= 0) return undefined;
      const conflict = chosen.map((other) => gate(other, part, options)).find((why) => why !== undefined);
      if (conflict !== undefined) {
        note(reasons, conflict);
        continue;
      }
      for (const task of tasksOf(part, depth, closed)) {
        if (left-- <= 0) return undefined;
        if (closed && tasks.includes(task)) {
          note(reasons, `single task: only ${task} does both of two steps`);
          continue;
        }
        const apart = tasks.find((other) => other !== task && options.canRunInParallel?.(other, task) === false);
        if (apart !== undefined) {
          note(reasons, `${apart} and ${task} cannot run in parallel`);
          continue;
        }
        chosen.push(part);
        tasks.push(task);
        const done = search(depth + 1);
        chosen.pop();
        tasks.pop();
        if (done !== false) return done;
      }
    }
    return false;
  };

  const done = search(0);
  if (done === undefined) return { infeasible: false, why: 'too many combinations of evidence' };
  if (!done) {
    const why = [...reasons.keys()].join('; ');
    return { infeasible: true, why: why === '' ? 'no evidence fits together' : why };
  }
  return { infeasible: false, why: closed ? '' : openWorldDoubt(segments) };
}

/** Who may do a part of the cycle. What was declared may be done by anybody. */
function tasksOf(part: Segment, depth: number, closed: boolean): Iterable<string> {
  const { task, tasks, assumed } = part.edges[0]!.evidence;
  if (assumed !== undefined) return [`somebody (${depth})`];
  return closed ? tasks : [task];
}

function note(reasons: Map<string, number>, why: string): void {
  reasons.set(why, (reasons.get(why) ?? 0) + 1);
}

/** Every way in which the evidence fills a segment; which of them make a strong cycle is seen when all are chosen. */
function* alternatives(part: Segment, { believes }: FeasibilityOptions): Iterable<Segment> {
  const first = part.edges[0]!;
  const last = part.edges[part.edges.length - 1]!;
  const believed = ({ edge }: typeof first): readonly Evidence[] =>
    believes === undefined ? edge.evidence : edge.evidence.filter((evidence) => believes(edge, evidence));
  const middle = part.edges.slice(1, -1).map(({ evidence }) => evidence);
  const tails = first === last ? [] : believed(last);
  for (const head of believed(first)) {
    if (first === last) yield withEvidence(part, [head]);
    for (const tail of tails) yield withEvidence(part, [head, ...middle, tail]);
  }
}

/** Why what one task wants can't be what the next one holds; undefined when it can. */
function mismatch(wants: LockFact, holds: LockFact, closed: boolean): string | undefined {
  const { owner: a } = wants;
  const { owner: b } = holds;
  const id = wants.class.id;
  if (a?.referenced === false && b?.referenced === true) {
    return `${id}: reclaim takes it on an unreferenced inode, and it is held on a referenced one`;
  }
  if (a?.referenced === true && b?.referenced === false) {
    return `${id}: it is held on an inode that nobody references, and wanted on a referenced one`;
  }
  const [wanted, held] = [wants.event?.filesystem, holds.event?.filesystem];
  if (wanted !== undefined && held !== undefined && wanted !== held) {
    return `${id}: wanted is that of ${wanted}, and held that of ${held}, which are two classes`;
  }
  if (!closed) return undefined;
  if (a?.superblock !== undefined && b?.superblock !== undefined && a.superblock !== b.superblock) {
    return `${id}: held and wanted on different superblocks`;
  }
  if (wants.instance !== undefined && holds.instance !== undefined && wants.instance !== holds.instance) {
    return `${id}: held and wanted on different instances`;
  }
  return undefined;
}

/** A lock that both tasks hold and that excludes one of them. */
function gate(a: Segment, b: Segment, options: FeasibilityOptions): string | undefined {
  for (const one of a.held) {
    if (isPseudo(one.lock)) continue;
    const other = b.held.find((candidate) => conflicts(one, candidate));
    if (other === undefined) continue;
    const same = options.closedWorld === true ? one.instance === other.instance : options.isGlobal?.(one.lock) === true;
    if (same) return `gate lock: both sides hold ${one.lock}, and one of them holds it exclusively`;
  }
  return undefined;
}

function conflicts(a: LockEvent, b: LockEvent): boolean {
  return a.lock === b.lock && a.instance === b.instance && (a.mode === 'exclusive' || b.mode === 'exclusive');
}

/**
 * Between a shared holder and a shared waiter there must be somebody who waits to have it exclusively, and one task
 * waits for one thing at a time.
 */
function writersExist(
  graph: ClassGraph,
  parts: readonly Segment[],
  tasks: readonly string[],
  reasons: Map<string, number>,
): boolean {
  const needed = new Map<string, { readonly id: string; readonly writers: readonly string[] }>();
  parts.forEach(({ wants }, index) => {
    const { holds } = parts[(index + 1) % parts.length]!;
    if (wants.mode === 'exclusive' || holds.mode === 'exclusive' || isPseudo(wants.class.lock)) return;
    const writers = graph
      .exclusiveWaiters(wants.class)
      .filter(({ to }) => holds.instance === undefined || to.instance === undefined || to.instance === holds.instance)
      .filter((writer) =>
        parts.every((part) => !part.held.some((one) => writer.held.some((two) => conflicts(one, two)))),
      )
      .flatMap((writer) => [...writer.tasks].filter((task) => !tasks.includes(task)));
    needed.set(`${wants.class.id}\0${holds.instance ?? ''}`, { id: wants.class.id, writers });
  });
  const choices = [...needed.values()];
  if (choices.length === 0 || distinct(choices.map(({ writers }) => writers))) return true;
  const lonely = choices.find(({ writers }) => writers.length === 0);
  note(
    reasons,
    lonely === undefined
      ? `${choices.map(({ id }) => id).join(', ')}: no other tasks wait for all of them exclusively at once`
      : `${lonely.id}: held shared and wanted shared, and no other task waits for it exclusively`,
  );
  return false;
}

/** Whether every list can give one of its names without any name being given twice. */
function distinct(lists: readonly (readonly string[])[], taken: readonly string[] = []): boolean {
  const [first, ...rest] = lists;
  if (first === undefined) return true;
  return [...new Set(first)].some((name) => !taken.includes(name) && distinct(rest, [...taken, name]));
}

function openWorldDoubt(segments: readonly Segment[]): string {
  const doubts: string[] = [];
  const tasks = new Set(segments.flatMap((part) => [...part.edges[0]!.evidence.tasks]));
  if (tasks.size === 1 && segments.length > 1) doubts.push('one task only was seen doing all of it');
  segments.forEach((part, index) => {
    const holds = segments[(index + 1) % segments.length]!.holds;
    const [a, b] = [part.wants.owner?.superblock, holds.owner?.superblock];
    if (a !== undefined && b !== undefined && a !== b)
      doubts.push(`${holds.class.id} was seen on different superblocks only`);
  });
  return doubts.join('; ');
}
