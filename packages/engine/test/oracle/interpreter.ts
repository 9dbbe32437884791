import type { Alternative, Model, Op } from '@faultpath/engine';

/**
 * A second opinion: interprets a model by running its generators from the start again for every step. It learns
 * nothing, merges nothing, leaves nothing out, and has its own reading of guards, effects, holds and calls, so that
 * it cannot share a mistake with the engine.
 */

interface Frame {
  readonly body: (...args: readonly unknown[]) => Generator<unknown, unknown, unknown>;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly results: readonly unknown[];
}

interface Task {
  readonly frames: readonly Frame[];
  readonly pending: Op | undefined;
  readonly held: readonly string[];
  readonly locals: readonly number[];
}

interface Moment {
  readonly cells: readonly number[];
  readonly tasks: readonly Task[];
}

/** What the interpreter saw of one model. */
export interface Verdict {
  /** It met more states than it was allowed to; nothing else means anything then. */
  readonly gaveUp: boolean;
  readonly states: number;
  /** Valuations of the shared cells. */
  readonly valuations: ReadonlySet<string>;
  /** States in which nothing can move, threads of one start in any order. */
  readonly ends: ReadonlySet<string>;
  /** Those of them in which somebody is stuck who is no daemon. */
  readonly deadlocks: ReadonlySet<string>;
  /** Those in which only daemons are, away from their starts; it may look the same there as at the start. */
  readonly uneasy: ReadonlySet<string>;
  /** Events of every step that some run takes. */
  readonly events: ReadonlySet<string>;
  /** Codes and events of steps that are errors. */
  readonly errors: ReadonlySet<string>;
  /** Threads, as they stand, that no continuation of some state ever moves again. */
  readonly stuck: ReadonlySet<string>;
  /** Those of them that are no daemons; one of those may stand where it looks the same as at its start. */
  readonly surelyStuck: ReadonlySet<string>;
}

/**
 * Describes how a thread stands, in the same words for the interpreter and for the engine: done with what it keeps, or
 * what it waits for. What it holds meanwhile is told by a replay, and keeps no two states apart.
 */
export function standing(start: string, waitsFor: readonly string[] | undefined, held: readonly string[]): string {
  return `${start}|${waitsFor === undefined ? `done ${[...held].sort().join()}` : [...new Set(waitsFor)].sort().join(' or ')}`;
}

/** Describes a condition. */
export function guardName({ cell, is, value }: { cell: { name: string }; is: string; value: number }): string {
  return `${cell.name}${is}${value}`;
}

/** Describes a state by its cells and by its threads in any order. */
export function ending(cells: readonly number[], threads: readonly string[]): string {
  return `${cells.join()} ${[...threads].sort().join(' & ')}`;
}

type Next = { readonly kind: 'yield' | 'return' | 'throw'; readonly value: unknown };

/** Runs a frame from its beginning over the results it got. */
function rerun(frame: Frame): Next {
  const generator = frame.body(...frame.args);
  try {
    let answer = generator.next();
    for (const result of frame.results) answer = generator.next(result);
    return { kind: answer.done === true ? 'return' : 'yield', value: answer.value };
  } catch (error) {
    return { kind: 'throw', value: error };
  }
}

function frameOf(call: unknown): Frame | undefined {
  const candidate = call as { type?: string; fn?: { name: string; body: Frame['body'] }; args?: readonly unknown[] };
  if (candidate === null || typeof candidate !== 'object' || candidate.type !== 'call') return undefined;
  const { fn, args } = candidate as Required<typeof candidate>;
  return { body: fn.body, name: fn.name, args, results: [] };
}

const MOST_SILENT = 2_000;

function compare(is: string, left: number, right: number): boolean {
  if (is === '==') return left === right;
  if (is === '!=') return left !== right;
  if (is === '<') return left < right;
  if (is === '<=') return left <= right;
  if (is === '>') return left > right;
  return left >= right;
}

/** Interprets every interleaving, up to `most` states. `starts` names the threads; one name, interchangeable. */
export function interpret(model: Model, most: number, starts: readonly string[]): Verdict {
  const valuations = new Set<string>();
  const ends = new Set<string>();
  const deadlocks = new Set<string>();
  const uneasy = new Set<string>();
  const events = new Set<string>();
  const errors = new Set<string>();
  const bodies = new Map<Frame['body'], number>();

  const nameOf = (value: unknown): string => {
    if (typeof value !== 'object' || value === null) return String(value);
    const handle = value as { type?: unknown; id?: unknown };
    return typeof handle.id === 'number' ? `${String(handle.type)}${handle.id}` : 'constant';
  };
  const keyOf = (moment: Moment): string => {
    const tasks = moment.tasks.map((task) => {
      const frames = task.frames.map((frame) => {
        if (!bodies.has(frame.body)) bodies.set(frame.body, bodies.size);
        return `${bodies.get(frame.body)}(${frame.args.map(nameOf).join()})[${frame.results.map(nameOf).join()}]`;
      });
      const pending = task.pending === undefined ? '' : JSON.stringify(task.pending);
      return `${frames.join('/')}~${pending}~${task.held.join()}~${task.locals.join()}`;
    });
    return `${moment.cells.join()}#${tasks.join('#')}`;
  };

  /** Goes on through calls and returns to the next op; the string is what was thrown. */
  const settle = (thread: number, task: Task): Task | string => {
    let now = task;
    for (let silent = 0; silent < MOST_SILENT; silent++) {
      const top = now.frames.at(-1);
      if (top === undefined || now.pending !== undefined) return now;
      const below = now.frames.slice(0, -1);
      const next = rerun(top);
      if (next.kind === 'throw') return String(next.value);
      const called = frameOf(next.value);
      if (next.kind === 'yield') {
        if (called === undefined) return now;
        now = { ...now, frames: [...now.frames, called] };
      } else if (called !== undefined) now = { ...now, frames: [...below, called] };
      else if (below.length > 0) {
        const caller = below.at(-1) as Frame;
        now = {
          ...now,
          frames: [...below.slice(0, -1), { ...caller, results: [...caller.results, next.value] }],
        };
      } else if (model.threads[thread]?.repeat === true)
        now = { ...now, frames: [frameOf(model.threads[thread]?.start) as Frame] };
      else now = { ...now, frames: [] };
    }
    throw new Error('the program goes round in silence');
  };

  const opOf = (task: Task): Op | undefined => {
    if (task.pending !== undefined) return task.pending;
    const top = task.frames.at(-1);
    return top === undefined ? undefined : (rerun(top).value as Op);
  };

  const value = (cell: { type: string; id: number }, cells: readonly number[], locals: readonly number[]): number =>
    (cell.type === 'local' ? locals[cell.id] : cells[cell.id]) as number;

  /** Every step that is possible; an error step has no moment after it. */
  const stepsOf = (moment: Moment): { thread: number; event: string; after: Moment | undefined }[] => {
    const steps: { thread: number; event: string; after: Moment | undefined }[] = [];
    for (const [thread, task] of moment.tasks.entries()) {
      const op = opOf(task);
      for (const each of op?.alternatives ?? []) {
        if (
          !each.when.every(({ cell, is, value: right }) => compare(is, value(cell, moment.cells, task.locals), right))
        )
          continue;
        const event = String(each.event);
        const after = take(moment, thread, task, each);
        if (typeof after === 'string') errors.add(`${after} ${event}`);
        steps.push({ thread, event, after: typeof after === 'string' ? undefined : after });
      }
    }
    return steps;
  };

  const take = (moment: Moment, thread: number, task: Task, each: Alternative): Moment | string => {
    if (each.error !== undefined) return each.error.code;
    const cells = [...moment.cells];
    const locals = [...task.locals];
    // A task's own mistakes come first: they don't depend on what the others did.
    for (const effect of each.does) {
      if (effect.cell.type !== 'local') continue;
      const result =
        'set' in effect ? effect.set : (locals[effect.cell.id] as number) + ('add' in effect ? effect.add : 0);
      if (result < 0 || result > effect.cell.max) return 'engine/model-error';
      locals[effect.cell.id] = result;
    }
    let held = [...task.held];
    for (const hold of each.releases ?? []) {
      const at = held.lastIndexOf(`${hold.object.name}/${hold.mode}`);
      if (at === -1) return 'engine/model-error';
      held = held.filter((_, index) => index !== at);
    }
    for (const hold of each.acquires ?? []) held.push(`${hold.object.name}/${hold.mode}`);
    for (const effect of each.does) {
      if (effect.cell.type === 'local') continue;
      const old = cells[effect.cell.id] as number;
      let result = old;
      if ('set' in effect) result = effect.set;
      if ('add' in effect) result = old + effect.add;
      if ('from' in effect) result = old + (cells[effect.from.id] as number);
      if (result < 0 || result > effect.cell.max) return 'engine/cell-range';
      cells[effect.cell.id] = result;
    }
    let frames = task.frames;
    if (each.next === undefined) {
      const top = frames.at(-1) as Frame;
      frames = [...frames.slice(0, -1), { ...top, results: [...top.results, each.result] }];
    }
    const settled = settle(thread, { frames, pending: each.next, held, locals });
    if (typeof settled === 'string') return 'engine/threw';
    return { cells, tasks: moment.tasks.map((other, index) => (index === thread ? settled : other)) };
  };

  const first: Moment = {
    cells: model.world.cells.map((cell) => cell.init),
    tasks: model.threads.map((thread, index) => {
      const task = settle(index, {
        frames: [frameOf(thread.start) as Frame],
        pending: undefined,
        held: [],
        locals: model.world.locals.map((cell) => cell.init),
      });
      if (typeof task === 'string') throw new Error('the program throws before its first step');
      return task;
    }),
  };

  /** A daemon is at its start until it takes a step that others can see. */
  const idle = first.tasks.map((_, thread) => {
    const stands = new Set<string>();
    for (let moment: Moment | string = first; typeof moment !== 'string'; ) {
      const task = moment.tasks[thread] as Task;
      stands.add(describe(task));
      const possible: Alternative[] = (opOf(task)?.alternatives ?? []).filter((each) =>
        each.when.every(
          (guard) => guard.cell.type === 'cell' || compare(guard.is, value(guard.cell, [], task.locals), guard.value),
        ),
      );
      const [only] = possible;
      if (only === undefined || possible.length > 1 || stands.size > MOST_SILENT) break;
      if ([...only.when, ...only.does].some(({ cell }) => cell.type === 'cell')) break;
      moment = take(moment, thread, task, only);
    }
    return stands;
  });
  function describe(task: Task): string {
    return `${task.frames.map((frame) => `${frame.name}${frame.args.map(nameOf).join()}${frame.results.map(nameOf).join()}`).join('/')}${JSON.stringify(task.pending)}${task.locals.join()}${task.held.join()}`;
  }
  const finished = (task: Task): boolean => task.frames.length === 0;
  const harmless = (task: Task, thread: number): boolean =>
    finished(task) || (model.threads[thread]?.daemon === true && idle[thread]?.has(describe(task)) === true);
  const stands = (task: Task, thread: number): string =>
    standing(starts[thread] as string, finished(task) ? undefined : waitsFor(task), task.held);
  const waitsFor = (task: Task): string[] =>
    (opOf(task)?.alternatives ?? [])
      .filter(({ when }) =>
        when.every(
          (guard) => guard.cell.type === 'cell' || compare(guard.is, value(guard.cell, [], task.locals), guard.value),
        ),
      )
      .map(({ when }) => when.flatMap((guard) => (guard.cell.type === 'cell' ? [guardName(guard)] : [])).join('&'));

  const numbers = new Map<string, number>([[keyOf(first), 0]]);
  const moments: Moment[] = [first];
  const successors: number[][] = [];
  const movers: Set<number>[] = [];
  for (let id = 0; id < moments.length; id++) {
    const moment = moments[id] as Moment;
    valuations.add(moment.cells.join());
    const steps = stepsOf(moment);
    const targets: number[] = [];
    for (const { event, after } of steps) {
      events.add(event);
      if (after === undefined) continue;
      const key = keyOf(after);
      let target = numbers.get(key);
      if (target === undefined) {
        target = moments.length;
        numbers.set(key, target);
        moments.push(after);
      }
      targets.push(target);
    }
    successors.push(targets);
    movers.push(new Set(steps.map((step) => step.thread)));
    if (steps.length === 0) {
      const end = ending(moment.cells, moment.tasks.map(stands));
      ends.add(end);
      if (moment.tasks.some((task, thread) => !finished(task) && model.threads[thread]?.daemon !== true))
        deadlocks.add(end);
      else if (!moment.tasks.every(harmless)) uneasy.add(end);
    }
    if (moments.length > most)
      return {
        gaveUp: true,
        states: moments.length,
        valuations,
        ends,
        deadlocks,
        uneasy,
        events,
        errors,
        stuck: new Set(),
        surelyStuck: new Set(),
      };
  }
  return {
    gaveUp: false,
    states: moments.length,
    valuations,
    ends,
    deadlocks,
    uneasy,
    events,
    errors,
    ...stuckThreads(),
  };

  /** Least fixed point: who can move in a state or in one that follows it. The others are stuck there. */
  function stuckThreads(): Pick<Verdict, 'stuck' | 'surelyStuck'> {
    for (let changed = true; changed; ) {
      changed = false;
      for (let id = moments.length - 1; id >= 0; id--) {
        const can = movers[id] as Set<number>;
        const before = can.size;
        for (const target of successors[id] as number[])
          for (const thread of movers[target] as Set<number>) can.add(thread);
        if (can.size !== before) changed = true;
      }
    }
    const stuck = new Set<string>();
    const surelyStuck = new Set<string>();
    for (const [id, moment] of moments.entries())
      for (const [thread, task] of moment.tasks.entries()) {
        if ((movers[id] as Set<number>).has(thread) || harmless(task, thread)) continue;
        stuck.add(stands(task, thread));
        if (model.threads[thread]?.daemon !== true) surelyStuck.add(stands(task, thread));
      }
    return { stuck, surelyStuck };
  }
}
