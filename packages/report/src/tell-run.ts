import type { Witness as Run } from '@faultpath/engine';
import type { FaultpathEvent, Finding } from '@faultpath/lockdep';
import { lockPhrase, type Witness, type WitnessStep } from './witness.ts';

/** Models carry events without the task: the run knows who took the step. */
type Told = {
  readonly [K in FaultpathEvent['type']]: Omit<Extract<FaultpathEvent, { readonly type: K }>, 'task'>;
}[FaultpathEvent['type']];

interface Moment {
  readonly thread: number;
  readonly step: number;
  readonly event: Told | undefined;
  readonly backtrace: readonly string[];
  readonly error?: string;
}

// The engine hands events through without looking at them; only a model of ours has made them.
function asEvent(event: unknown): Told | undefined {
  return typeof event === 'object' && event !== null && 'type' in event ? (event as Told) : undefined;
}

function momentsOf(run: Run): Moment[] {
  return run.steps.flatMap((step) => {
    const { thread } = step.move;
    const own: Moment = {
      thread,
      step: step.step,
      event: asEvent(step.event),
      backtrace: step.backtrace,
      ...(step.error === undefined ? {} : { error: step.error.message }),
    };
    const passed = step.passed.map((each) => ({
      thread,
      step: step.step,
      event: asEvent(each.event),
      backtrace: each.backtrace,
    }));
    return [own, ...passed];
  });
}

/** What opens and what closes the same thing, by name; undefined for events that do neither. */
function pairing(event: Told): { readonly name: string; readonly opens: boolean } | undefined {
  switch (event.type) {
    case 'lock':
      if (event.action !== 'acquired' && event.action !== 'release') return undefined;
      return { name: `lock ${event.lock} ${event.instance}`, opens: event.action === 'acquired' };
    case 'scope':
      return { name: `scope ${event.scope}`, opens: event.action === 'enter' };
    case 'reclaim':
      return { name: 'reclaim', opens: event.action === 'enter' };
    case 'fault':
      return { name: 'fault', opens: event.action === 'enter' };
    default:
      return undefined;
  }
}

/** Moments whose effect is still there at the end: what was opened and not closed, and the allocation behind a reclaim. */
function lasting(moments: readonly Moment[]): Set<Moment> {
  const kept = new Set<Moment>();
  const open = new Map<string, Moment[]>();
  const allocation = new Map<number, Moment>();
  for (const moment of moments) {
    const { event, thread } = moment;
    if (moment.error !== undefined || event?.type === 'mask-store') kept.add(moment);
    if (event?.type === 'alloc') allocation.set(thread, moment);
    const pair = event === undefined ? undefined : pairing(event);
    if (pair === undefined) continue;
    const key = `${thread} ${pair.name}`;
    const stack = open.get(key) ?? [];
    open.set(key, stack);
    if (pair.opens) {
      stack.push(moment);
      kept.add(moment);
      const cause = event?.type === 'reclaim' ? allocation.get(thread) : undefined;
      if (cause !== undefined) kept.add(cause);
    } else {
      const closed = stack.pop();
      if (closed !== undefined) kept.delete(closed);
    }
  }
  return kept;
}

function tell(event: Told): { readonly text: string; readonly note?: string } {
  switch (event.type) {
    case 'lock':
      return { text: `takes ${lockPhrase(event)}` };
    case 'scope':
      return {
        text:
          event.scope === 'handle' || event.scope === 'transaction'
            ? `starts a ${event.scope}`
            : `enters a ${event.scope} scope`,
      };
    case 'reclaim':
      return { text: `enters reclaim (${event.via})`, ...noteOf(event.effective.text) };
    case 'fault':
      return { text: `${event.access} fault` };
    case 'alloc':
      return { text: `allocates in ${event.site}`, ...noteOf(event.effective.text) };
    case 'mask-store':
      return { text: `sets ${event.cell}`, ...noteOf(event.to.text) };
    default:
      return { text: event.type };
  }
}

function noteOf(text: string | undefined): { readonly note?: string } {
  return text === undefined ? {} : { note: text };
}

/**
 * Tells a run of the engine for people: per task what it took, opened and entered and still has at the end, and where
 * it waits. Steps that left nothing behind are left out; the schedule has them all.
 *
 * @param replay the command that shows the run again.
 */
export function tellRun(run: Run, finding: Finding, replay: string): Witness {
  const moments = momentsOf(run);
  const kept = lasting(moments);
  const waiting = new Map(run.waiters.map((waiter) => [waiter.thread, waiter]));
  const threads = run.threads.filter(
    ({ thread }) => waiting.has(thread) || [...kept].some((moment) => moment.thread === thread),
  );
  const column = new Map(threads.map(({ thread }, index) => [thread, index]));
  const steps: WitnessStep[] = [];
  for (const { thread, step, event, backtrace, error } of moments.filter((moment) => kept.has(moment))) {
    const told = error !== undefined ? { text: error } : event === undefined ? undefined : tell(event);
    const task = column.get(thread);
    if (told !== undefined && task !== undefined) steps.push({ task, step, backtrace, ...told });
  }
  for (const waiter of run.waiters) {
    const info = waiter.wants?.object.info as { readonly lock?: string; readonly instance?: string } | undefined;
    const name = waiter.wants?.object.name ?? '';
    const mode = waiter.wants?.mode === 'shared' ? { mode: 'shared' } : {};
    const wants =
      waiter.wants === undefined
        ? 'somebody'
        : lockPhrase({ lock: info?.lock ?? name, instance: info?.instance ?? name, ...mode });
    steps.push({
      task: column.get(waiter.thread) ?? 0,
      step: run.steps.length,
      text: `waits for ${wants}`,
      backtrace: waiter.backtrace,
      waits: true,
      ...noteOf(waiter.backtrace[0] === undefined ? undefined : `in ${waiter.backtrace[0]}`),
    });
  }
  return { tasks: threads.map(({ name }) => name), steps, finding, replay };
}
