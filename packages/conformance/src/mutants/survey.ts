import { isCall, type System } from '@faultpath/engine';
import type { Filesystem } from '@faultpath/mm';
import { adapterProblem } from '../adapter-error.ts';
import { systemOf } from '../compile-cell.ts';
import type { PlannedCell } from '../plan.ts';
import { automatonPaths } from '../task-paths.ts';
import { contextOf } from './edits.ts';
import { type FrameBody, throughFrames } from './frames.ts';
import { type Item, keyOf, type Move, matters, moveKey, moveOf, movesOf, requestOf } from './items.ts';

/** One thing that a function did in one of its runs. */
export interface Done {
  readonly key: string;
  /** The item just before, with its result. */
  readonly after: string;
  /** It gives the same result every time. */
  readonly moves: readonly Move[];
  readonly widens: boolean;
}

/** What one function of an adapter was seen to do: every run of it from its begin to its end, each once. */
export interface SeenFunction {
  readonly name: string;
  readonly runs: ReadonlyMap<string, readonly Done[]>;
  /** Results that each item gave. */
  readonly results: ReadonlyMap<string, ReadonlySet<string>>;
  /** Cells in whose models it runs. */
  readonly cells: ReadonlySet<number>;
}

/** Something taken and given back: where, and the function in which both ends meet. */
export interface Pair {
  readonly name: string;
  readonly kind: string;
  readonly what: Move['what'];
  readonly exclusive: boolean;
  readonly taker: string;
  readonly dropper: string;
  /** Innermost function that both ends are in; its item that takes, and the one that drops. */
  readonly frame: string;
  readonly take: string;
  readonly drop: string;
}

/** What the models of some cells show of an adapter. */
export interface Survey {
  readonly functions: ReadonlyMap<string, SeenFunction>;
  readonly pairs: readonly Pair[];
}

interface MutableFunction {
  readonly name: string;
  readonly runs: Map<string, readonly Done[]>;
  readonly results: Map<string, Set<string>>;
  readonly cells: Set<number>;
}

/**
 * Builds and unfolds every cell's model, and notes what the adapter's functions do there. A cell that cannot be built has
 * nothing to note.
 *
 * @throws ConformanceError `CONFORMANCE_ADAPTER_HANGS`
 */
export function survey(fs: Filesystem, cells: readonly PlannedCell[], patience?: number): Survey {
  const functions = new Map<string, MutableFunction>();
  const pairs = new Map<string, Pair>();
  let cell = 0;
  const watched = throughFrames(
    fs,
    watching(functions, () => cell),
  );
  for (const [index, { subject, setting }] of cells.entries()) {
    cell = index;
    const system = systemOf(subject, { ...setting, fs: watched }, patience);
    const problem = adapterProblem(watched);
    if (problem !== undefined) throw problem;
    if (system !== undefined) for (const pair of pairsIn(system)) pairs.set(Object.values(pair).join('|'), pair);
  }
  return { functions, pairs: [...pairs.values()] };
}

/** Goes through functions as they stand, and notes what they do. */
function watching(functions: Map<string, MutableFunction>, cell: () => number): FrameBody {
  return function* watch(fn, args) {
    let seen = functions.get(fn.name);
    if (seen === undefined) {
      seen = { name: fn.name, runs: new Map(), results: new Map(), cells: new Set() };
      functions.set(fn.name, seen);
    }
    seen.cells.add(cell());
    const run: Done[] = [];
    let after = '';
    const body = fn.body(...args);
    let next = body.next();
    while (!next.done) {
      const item: Item = next.value;
      const key = keyOf(item);
      run.push({ key, after, moves: isCall(item) ? [] : movesOf(item), widens: lacksFs(item, args) });
      const result = yield item;
      const known = seen.results.get(key);
      if (known === undefined) seen.results.set(key, new Set([String(result)]));
      else known.add(String(result));
      if (matters(key)) after = contextOf(key, result);
      next = body.next(result as number);
    }
    seen.runs.set(run.map((each) => `${each.key}<${each.after}`).join(), run);
    return next.value;
  };
}

/** An allocation without FS, whose mask could be wider. */
function lacksFs(item: Item, args: readonly unknown[]): boolean {
  const request = requestOf(item);
  const env = args[0] as { masks?: { fact(mask: number, how: 'recorded'): { fs?: boolean; directReclaim?: boolean } } };
  if (request === undefined || env?.masks === undefined) return false;
  const fact = env.masks.fact(request.mask, 'recorded');
  return fact.fs !== true && fact.directReclaim === true;
}

/** What is taken and given back on ways through the automata. */
function* pairsIn(system: System): Generator<Pair> {
  for (const { prologue, edges } of automatonPaths(system)) {
    const open: { readonly move: Move; readonly backtrace: readonly string[] }[] = [];
    for (const { event, backtrace } of stepsOf(prologue, edges)) {
      const move = event === undefined ? undefined : moveOf(event);
      if (move === undefined) continue;
      if (move.takes) {
        open.push({ move, backtrace });
        continue;
      }
      const at = open.findLastIndex((each) => each.move.name === move.name && each.move.instance === move.instance);
      const [taken] = at === -1 ? [] : open.splice(at, 1);
      if (taken !== undefined) yield* pairOf(taken.move, taken.backtrace, backtrace);
    }
  }
}

type Ways = ReturnType<typeof automatonPaths> extends Iterable<infer P> ? P : never;

function* stepsOf(
  prologue: Ways['prologue'],
  edges: Ways['edges'],
): Generator<{ readonly event: object | undefined; readonly backtrace: readonly string[] }> {
  function* each(event: unknown, backtrace: readonly string[]) {
    for (const one of Array.isArray(event) ? (event as readonly (object | undefined)[]) : [event as object | undefined])
      yield { event: one, backtrace };
  }
  for (const passed of prologue) yield* each(passed.event, passed.backtrace);
  for (const { from, edge } of edges) {
    yield* each(edge.alternative.event, from.backtrace);
    for (const passed of edge.passed) yield* each(passed.event, passed.backtrace);
  }
}

function* pairOf(move: Move, taken: readonly string[], dropped: readonly string[]): Generator<Pair> {
  const taker = taken[0];
  const dropper = dropped[0];
  if (taker === undefined || dropper === undefined) return;
  let common = 0;
  while (common < taken.length && common < dropped.length && taken.at(-1 - common) === dropped.at(-1 - common))
    common++;
  const frame = taken.at(-common);
  if (common === 0 || frame === undefined) return;
  const inside = (trace: readonly string[], takes: boolean): string => {
    const callee = trace.at(-1 - common);
    return common === trace.length || callee === undefined ? moveKey({ takes, name: move.name }) : `call ${callee}`;
  };
  yield {
    name: move.name,
    kind: move.kind,
    what: move.what,
    exclusive: move.mode === 'exclusive',
    taker,
    dropper,
    frame,
    take: inside(taken, true),
    drop: inside(dropped, false),
  };
}
