import type { RunStep, Witness } from '@faultpath/engine';
import type { AllocEvent, FaultpathEvent, Finding, LockEvent } from '@faultpath/lockdep';
import { eventsIn } from './judge-model.ts';
import type { Cell, CellResult } from './result.ts';

/** One step of a witness in words. */
export interface WitnessViewStep {
  /** Index in `tasks`. */
  readonly task: number;
  readonly step: number;
  readonly text: string;
  readonly backtrace: readonly string[];
  readonly note?: string;
  /** The task goes to sleep here and never wakes. */
  readonly waits?: boolean;
}

/** A witness as a person reads it: the steps whose effect is still in force at the end, and where each task waits. */
export interface WitnessView {
  readonly tasks: readonly string[];
  readonly steps: readonly WitnessViewStep[];
  readonly finding: Finding;
  readonly replay: string;
}

/** A schedule fits the bounds that it was found within, and no others. */
type BoundedCell = Cell & Pick<CellResult, 'larger'>;

type SeenEvent = { readonly event: FaultpathEvent; readonly step: number; readonly backtrace: readonly string[] };

/** Tells a witness. Tasks that took no part are left out. */
export function viewWitness(witness: Witness, finding: Finding, cell: BoundedCell): WitnessView {
  const takesPart = new Set([
    ...witness.moves.map((move) => move.thread),
    ...witness.waiters.map((waiter) => waiter.thread),
  ]);
  const shown = witness.threads.filter((thread) => takesPart.has(thread.thread));
  const column = new Map(shown.map((thread, index) => [thread.thread, index]));
  const steps: WitnessViewStep[] = [];
  for (const thread of shown) {
    const task = column.get(thread.thread) as number;
    for (const { event, step, backtrace } of stillInForce(eventsOf(witness.steps, thread.thread))) {
      const note = noteOf(event);
      steps.push({ task, step, text: phrase(event), backtrace, ...(note === undefined ? {} : { note }) });
    }
  }
  steps.sort((left, right) => left.step - right.step);
  for (const waiter of witness.waiters) {
    const task = column.get(waiter.thread);
    if (task === undefined) continue;
    const info = waiter.wants?.object.info as { lock?: string } | undefined;
    const wanted = info?.lock ?? waiter.wants?.object.name ?? 'nothing';
    steps.push({
      task,
      step: witness.moves.length,
      text: `waits for ${wanted}`,
      backtrace: waiter.backtrace,
      waits: true,
    });
  }
  return { tasks: shown.map((thread) => thread.name), steps, finding, replay: replayCommand(cell, witness.schedule) };
}

/** The command that shows a schedule again. */
export function replayCommand(cell: BoundedCell, schedule: string): string {
  const bounds = cell.larger === undefined ? '' : ` --bounds ${cell.larger}`;
  return `faultpath replay ${cell.fs} ${cell.case} --era ${cell.era} --policy ${cell.policy}${bounds} --schedule ${schedule}`;
}

function eventsOf(steps: readonly RunStep[], thread: number): SeenEvent[] {
  return steps
    .filter((step) => step.move.thread === thread)
    .flatMap((step) => [step, ...step.passed].map(({ event, backtrace }) => ({ event, backtrace, step: step.step })))
    .flatMap(({ event, backtrace, step }) =>
      eventsIn(event).map((each) => ({ event: each as FaultpathEvent, step, backtrace })),
    );
}

/** Leaves out what was undone again: locks given back, scopes closed, allocations that succeeded. */
function stillInForce(events: readonly SeenEvent[]): readonly SeenEvent[] {
  const open: SeenEvent[] = [];
  const undo = (matches: (event: FaultpathEvent) => boolean): void => {
    const at = open.findLastIndex((seen) => matches(seen.event));
    if (at >= 0) open.splice(at, 1);
  };
  for (const seen of events) {
    const { event } = seen;
    if (event.type === 'lock') {
      if (event.action === 'acquired') open.push(seen);
      else if (event.action === 'release')
        undo((other) => other.type === 'lock' && other.instance === event.instance && other.lock === event.lock);
    } else if (event.type === 'scope') {
      if (event.action === 'enter') open.push(seen);
      else undo((other) => other.type === 'scope' && other.scope === event.scope);
    } else if (event.type === 'reclaim') {
      if (event.action === 'enter') open.push(seen);
      else undo((other) => other.type === 'reclaim');
    } else if (event.type === 'fault') {
      if (event.action === 'enter') open.push(seen);
      else undo((other) => other.type === 'fault');
    } else if (event.type === 'alloc') {
      undo((other) => other.type === 'alloc');
      open.push(seen);
    }
  }
  // An allocation matters where its reclaim is what the task is in.
  return open.filter(({ event }, index) => event.type !== 'alloc' || open[index + 1]?.event.type === 'reclaim');
}

function phrase(event: FaultpathEvent): string {
  switch (event.type) {
    case 'lock':
      return takes(event);
    case 'alloc':
      return `allocates in ${event.site}`;
    case 'scope':
      return `opens a ${event.scope} scope`;
    case 'reclaim':
      return `reclaims (${event.via})`;
    case 'fault':
      return `${event.access} fault`;
    default:
      return event.type;
  }
}

function takes({ lock, instance, mode }: LockEvent): string {
  return `takes ${lock}${instance === lock ? '' : ` of ${instance}`}${mode === 'exclusive' ? '' : ` (${mode})`}`;
}

function noteOf(event: FaultpathEvent): string | undefined {
  if (event.type !== 'alloc') return undefined;
  const { requested, effective }: AllocEvent = event;
  if (effective.text === undefined) return undefined;
  return requested.text === effective.text ? effective.text : `${requested.text}, in force ${effective.text}`;
}
