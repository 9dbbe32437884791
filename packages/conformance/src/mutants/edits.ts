import { type Call, isCall, type Op, op } from '@faultpath/engine';
import { down_read, type Machine, type Request, type Rwsem, up_read } from '@faultpath/mm';
import { eventsIn } from '../judge-model.ts';
import { asWritten, type FrameBody } from './frames.ts';
import { type Item, keyOf, matters, moveOf, movesOf, usualResult } from './items.ts';

/** One change of what a function does. `key` names the item, see `keyOf`. */
export type Edit =
  /** Leaves the item out; with `after` only where what came just before it, and its result, was this. */
  | { readonly do: 'drop'; readonly key: string; readonly after?: string }
  /** Leaves one lock out of a step that does something else too. */
  | { readonly do: 'strip'; readonly key: string; readonly name: string }
  /** Does the item one piece of work later, or after `until`; never later than `before`, which gives back what it takes. */
  | { readonly do: 'late'; readonly key: string; readonly until?: string; readonly before?: string }
  /** Does the item one piece of work earlier. */
  | { readonly do: 'early'; readonly key: string }
  /** Takes, or gives back, a lock shared that is meant to be exclusive. */
  | { readonly do: 'weaken'; readonly key: string; readonly name: string }
  /** An allocation asks for FS and IO. */
  | { readonly do: 'widen'; readonly key: string };

/** Edits of some functions, by name. */
export type Edits = Readonly<Record<string, readonly Edit[]>>;

/** What just happened in a function, as `Edit.after` names it. */
export function contextOf(key: string, result: unknown): string {
  return typeof result === 'number' ? `${key}=${result}` : key;
}

/** Items that give something back, by function: an earlier or later moment is one on the other side of some work. */
export type Releases = ReadonlyMap<string, ReadonlySet<string>>;

/** Goes through functions with the edits made. */
export function editedBody(edits: Edits, releases: Releases): FrameBody {
  return (fn, args) => {
    const own = edits[fn.name];
    return own === undefined ? asWritten(fn, args) : edited(fn, args, own, releases.get(fn.name) ?? new Set<string>());
  };
}

function* edited(
  fn: Call['fn'],
  args: readonly unknown[],
  edits: readonly Edit[],
  releases: ReadonlySet<string>,
): Generator<Item, unknown, unknown> {
  const body = fn.body(...args);
  const results: unknown[] = [];
  const late = edits.find((edit) => edit.do === 'late');
  const early = edits.find((edit) => edit.do === 'early');
  const isWork = (key: string): boolean => matters(key) && !releases.has(key);
  let delayed: Item | undefined;
  let done: { readonly result: unknown } | undefined;
  let context = '';
  let next = body.next();
  while (!next.done) {
    const item: Item = next.value;
    const key = keyOf(item);
    let result: unknown;
    if (early !== undefined && early.key !== key && done === undefined && isWork(key)) {
      const ahead = lookAhead(fn, args, [...results, usualResult(item)], early.key, isWork);
      if (ahead !== undefined) done = { result: yield ahead };
    }
    if (early !== undefined && early.key === key && done !== undefined) {
      ({ result } = done);
      done = undefined;
    } else if (edits.some((edit) => edit.do === 'drop' && edit.key === key && (edit.after ?? context) === context)) {
      result = usualResult(item);
    } else if (late !== undefined && late.key === key && delayed === undefined) {
      delayed = item;
      result = usualResult(item);
    } else {
      if (delayed !== undefined && late?.before === key) {
        yield delayed;
        delayed = undefined;
      }
      result = yield changedItem(item, key, edits, args);
      if (delayed !== undefined && (late?.until === undefined ? isWork(key) : late.until === key)) {
        yield delayed;
        delayed = undefined;
      }
    }
    if (matters(key)) context = contextOf(key, result);
    results.push(result);
    next = body.next(result as number);
  }
  if (delayed !== undefined) yield delayed;
  return next.value;
}

/** How far a function is looked ahead. */
const HORIZON = 12;

/** The item of this name, if it comes before any other work: a second run of the body is told what the first was told. */
function lookAhead(
  fn: Call['fn'],
  args: readonly unknown[],
  results: readonly unknown[],
  wanted: string,
  isWork: (key: string) => boolean,
): Item | undefined {
  const body = fn.body(...args);
  let next = body.next();
  for (const result of results) {
    if (next.done) return undefined;
    next = body.next(result as number);
  }
  for (let left = HORIZON; left > 0 && !next.done; left--) {
    const key = keyOf(next.value);
    if (key === wanted) return next.value;
    if (isWork(key)) return undefined;
    next = body.next(usualResult(next.value));
  }
  return undefined;
}

function changedItem(item: Item, key: string, edits: readonly Edit[], args: readonly unknown[]): Item {
  const edit = edits.find((each) => each.key === key);
  if (edit?.do === 'strip' && !isCall(item)) return withoutLock(item, edit.name);
  if (edit?.do === 'weaken' && !isCall(item)) return takenShared(item, edit.name, args);
  if (edit?.do === 'widen' && isCall(item)) return wider(item);
  return item;
}

/** An allocation call whose mask has FS and IO. */
function wider(call: Call): Item {
  const [env, request, ...rest] = call.args as readonly [Machine, Request, ...unknown[]];
  const mask = (request.mask | env.masks.of('__GFP_FS|__GFP_IO')) >>> 0;
  return remade(call, [env, { ...request, mask }, ...rest]);
}

/** The same call with other arguments. */
function remade(call: Call, args: readonly unknown[]): Call {
  return Object.assign(Object.create(Object.getPrototypeOf(call) as object), call, { args }) as Call;
}

/** A step that does all it did but for one lock: its cells, its holds and what is told of it are gone. */
export function withoutLock(step: Op, name: string): Op {
  const instances = new Set(
    movesOf(step)
      .filter((move) => move.name === name)
      .map((move) => move.instance),
  );
  const isIts = (what: string): boolean =>
    [...instances].some((instance) => what === instance || what.startsWith(`${instance}.`));
  return op(
    `${step.name} without ${name}`,
    step.alternatives.map(({ event, next: _, ...each }) => {
      const told = eventsIn(event).filter((one) => one !== undefined && moveOf(one)?.name !== name);
      return {
        ...each,
        when: each.when.filter(({ cell }) => !isIts(cell.name)),
        does: each.does.filter(({ cell }) => !isIts(cell.name)),
        ...(each.acquires === undefined ? {} : { acquires: each.acquires.filter(({ object }) => !isIts(object.name)) }),
        ...(each.releases === undefined ? {} : { releases: each.releases.filter(({ object }) => !isIts(object.name)) }),
        ...(told.length === 0 ? {} : { event: told.length === 1 ? told[0] : told }),
      };
    }),
  );
}

/** The step with the lock taken, or given back, shared. */
export function takenShared(step: Op, name: string, args: readonly unknown[]): Op {
  const move = movesOf(step).find((each) => each.name === name);
  const sem = move === undefined ? undefined : findRwsem(args, move.instance);
  if (move === undefined || sem === undefined) return step;
  const instead = move.takes ? down_read(sem) : up_read(sem);
  const rest = withoutLock(step, name);
  return op(
    `${instead.name} for ${step.name}`,
    instead.alternatives.flatMap((each) =>
      rest.alternatives.slice(0, 1).map((other) => ({
        ...each,
        when: [...other.when, ...each.when],
        does: [...other.does, ...each.does],
        result: other.result,
        event: [...eventsIn(each.event), ...eventsIn(other.event)],
      })),
    ),
    instead.wants,
  );
}

/** How deep a lock may lie in the arguments of a function: inode, superblock, what the filesystem keeps there. */
const DEPTH = 4;

/** The semaphore of this instance, where it can be reached from the arguments. */
export function findRwsem(args: readonly unknown[], instance: string): Rwsem | undefined {
  const seen = new Set<object>();
  let level: object[] = args.filter((each): each is object => typeof each === 'object' && each !== null);
  for (let depth = 0; depth <= DEPTH && level.length > 0; depth++) {
    const below: object[] = [];
    for (const each of level) {
      if (seen.has(each)) continue;
      seen.add(each);
      if (isRwsem(each) && each.instance === instance) return each;
      for (const inner of Object.values(each)) if (typeof inner === 'object' && inner !== null) below.push(inner);
    }
    level = below;
  }
  return undefined;
}

function isRwsem(value: object): value is Rwsem {
  return 'instance' in value && 'lock' in value && 'object' in value && 'kind' in value;
}
