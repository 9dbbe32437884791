import type { Bounds, Range } from './bounds.ts';
import { SIGN, within } from './guard-range.ts';
import { effectKey, guardKey } from './op.ts';
import type { SharedEffect, SharedGuard } from './unfold.ts';
import type { Cell } from './world.ts';

/** What an edge asks of the shared cells and does to them; edges that agree share one action. */
export interface Action {
  readonly id: number;
  readonly when: readonly SharedGuard[];
  readonly does: readonly SharedEffect[];
}

/** A set of action ids as 32-bit words. */
export type ActionSet = Uint32Array;

/** Which actions depend on which. Sets are indexed by action id. */
export interface Relations {
  /** `conflicts[a]`: actions that, while `a` is enabled, can disable it, be disabled by it, or not commute with it. */
  readonly conflicts: readonly ActionSet[];
  /** `excludes[a]`: actions that can never be enabled while `a` is. */
  readonly excludes: readonly ActionSet[];
  /** `enables[a][g]`: actions that can make the guard `a.when[g]` true. */
  readonly enables: readonly (readonly ActionSet[])[];
  readonly words: number;
}

/** Collects actions; equal ones get one id. */
export interface ActionTable {
  readonly actions: readonly Action[];
  intern(when: readonly SharedGuard[], does: readonly SharedEffect[]): number;
}

/** Makes an empty table. */
export function createActionTable(): ActionTable {
  const actions: Action[] = [];
  const ids = new Map<string, number>();
  /** The same lists come with every edge of one alternative. */
  const lately = new Map<readonly SharedGuard[], { readonly does: readonly SharedEffect[]; readonly id: number }>();
  const idOf = (when: readonly SharedGuard[], does: readonly SharedEffect[]): number => {
    const key = `${when.map(guardKey).sort().join('&')}|${does.map(effectKey).join(';')}`;
    const known = ids.get(key);
    if (known !== undefined) return known;
    ids.set(key, actions.length);
    actions.push({ id: actions.length, when, does });
    return actions.length - 1;
  };
  return {
    actions,
    intern(when, does) {
      const known = lately.get(when);
      if (known?.does === does) return known.id;
      const id = idOf(when, does);
      lately.set(when, { does, id });
      return id;
    },
  };
}

/** Valuations tried per pair; beyond that a pair counts as dependent, which is always sound. */
const VALUATIONS = 20_000;

/**
 * Computes dependence by trying every value of the cells that two actions share a word about: exact, and nothing
 * needs to be declared. Two shared acquires of one rwsem come out independent, two exclusive ones do not. `bounds`
 * leave out valuations that don't occur. That two actions depend on each other is a statement about two threads.
 */
export function relate(actions: readonly Action[], bounds: Bounds): Relations {
  const words = Math.max(1, Math.ceil(actions.length / 32));
  const empty = (): ActionSet => new Uint32Array(words);
  const conflicts = actions.map(empty);
  const excludes = actions.map(empty);
  const trials = actions.map(trialOf);
  const scratch = createScratch(trials);
  const enablers = new Map<string, ActionSet>();

  for (const a of trials) {
    for (const b of trials) {
      if (b.id < a.id || !overlap(a.cells, b.cells)) continue;
      const verdict = compare(a, b, bounds, scratch);
      if (verdict === 'independent') continue;
      const relation = verdict === 'dependent' ? conflicts : excludes;
      include(relation[a.id] as ActionSet, b.id);
      include(relation[b.id] as ActionSet, a.id);
    }
  }
  const enablersOf = (guard: SharedGuard): ActionSet => {
    const key = guardKey(guard);
    let set = enablers.get(key);
    if (set === undefined) {
      set = empty();
      const wanted = guardsOf([guard]);
      for (const b of trials) {
        const writes = b.does.some((effect) => effect.cell === guard.cell);
        if (writes && canMakeTrue(b, wanted, bounds, scratch)) include(set, b.id);
      }
      enablers.set(key, set);
    }
    return set;
  };
  return { conflicts, excludes, enables: actions.map(({ when }) => when.map(enablersOf)), words };
}

/** Does nothing that another thread may do depend on the action? */
export function standsAlone({ conflicts }: Relations, action: number): boolean {
  return (conflicts[action] as ActionSet).every((word) => word === 0);
}

/** Adds an id to a set. */
export function include(set: ActionSet, id: number): void {
  set[id >>> 5] = ((set[id >>> 5] as number) | (1 << (id & 31))) >>> 0;
}

/** An action as numbers, to be tried on valuations: cells stand for their ids. */
interface Trial {
  readonly id: number;
  readonly does: Action['does'];
  /** Cells that it reads or writes. */
  readonly cells: readonly Cell[];
  /** Three numbers a guard: cell, least, span. */
  readonly guards: readonly number[];
}

function trialOf({ id, when, does }: Action): Trial {
  const cells = new Set([
    ...when.map((guard) => guard.cell),
    ...does.flatMap((effect) => ('from' in effect ? [effect.cell, effect.from] : [effect.cell])),
  ]);
  return { id, does, cells: [...cells], guards: guardsOf(when) };
}

function guardsOf(when: readonly SharedGuard[]): readonly number[] {
  return when.flatMap(({ cell, is, value }) => [cell.id, ...within(is, value)]);
}

/** Values by cell id: before any step, after one, after both. */
interface Scratch {
  readonly before: Int32Array;
  readonly afterA: Int32Array;
  readonly afterB: Int32Array;
}

function createScratch(trials: readonly Trial[]): Scratch {
  const cells = trials.reduce((most, trial) => Math.max(most, ...trial.cells.map((cell) => cell.id + 1)), 0);
  const values = (): Int32Array => new Int32Array(cells);
  return { before: values(), afterA: values(), afterB: values() };
}

function overlap(left: readonly Cell[], right: readonly Cell[]): boolean {
  for (const cell of left) if (right.includes(cell)) return true;
  return false;
}

function enabled(guards: readonly number[], at: Int32Array): boolean {
  for (let index = 0; index < guards.length; index += 3) {
    const value = at[guards[index] as number] as number;
    if (((value - (guards[index + 1] as number)) ^ SIGN) > (guards[index + 2] as number)) return false;
  }
  return true;
}

/** Changes the valuation; the cell that would leave its domain, if one would. */
function apply(does: Action['does'], at: Int32Array): Cell | undefined {
  for (const effect of does) {
    const { cell } = effect;
    const old = at[cell.id] as number;
    const value =
      'set' in effect ? effect.set : 'add' in effect ? old + effect.add : old + (at[effect.from.id] as number);
    if (value < 0 || value > cell.max) return cell;
    at[cell.id] = value;
  }
  return undefined;
}

function copy(cells: readonly Cell[], from: Int32Array, to: Int32Array): void {
  for (const { id } of cells) to[id] = from[id] as number;
}

/** Writes one valuation after the other into `at`, until `stop` says so; true when it did. */
export function someValuation(
  cells: readonly Cell[],
  ranges: readonly Range[],
  at: Int32Array,
  stop: () => boolean,
): boolean {
  if (ranges.some(({ least, most }) => least > most)) return false;
  for (const [index, { id }] of cells.entries()) at[id] = (ranges[index] as Range).least;
  for (;;) {
    if (stop()) return true;
    let index = 0;
    for (; index < cells.length; index++) {
      const { id } = cells[index] as Cell;
      const { least, most } = ranges[index] as Range;
      const value = at[id] as number;
      if (value < most) {
        at[id] = value + 1;
        break;
      }
      at[id] = least;
    }
    if (index === cells.length) return false;
  }
}

/** Have cells of these ranges more valuations than are to be tried? */
export function tooMany(ranges: readonly Range[], most = VALUATIONS): boolean {
  let product = 1;
  for (const { least, most } of ranges) product *= Math.max(0, most - least + 1);
  return product > most;
}

type Verdict = 'independent' | 'dependent' | 'never-together';

function compare(a: Trial, b: Trial, bounds: Bounds, scratch: Scratch): Verdict {
  const cells = a === b ? a.cells : [...a.cells, ...b.cells.filter((cell) => !a.cells.includes(cell))];
  const ranges = cells.map((cell) => bounds.range(cell, a.id, b.id));
  if (tooMany(ranges)) return 'dependent';
  let together = false;
  const dependent = someValuation(cells, ranges, scratch.before, () => {
    if (!enabled(a.guards, scratch.before) || !enabled(b.guards, scratch.before)) return false;
    const verdict = compareAt(a, b, cells, bounds.stays, scratch);
    if (verdict === 'independent') together = true;
    return verdict === 'dependent';
  });
  return dependent ? 'dependent' : together ? 'independent' : 'never-together';
}

/** Both orders from one valuation in which both are enabled. */
function compareAt(
  a: Trial,
  b: Trial,
  cells: readonly Cell[],
  stays: ReadonlySet<Cell>,
  { before, afterA, afterB }: Scratch,
): Verdict {
  copy(cells, before, afterA);
  copy(cells, before, afterB);
  const outA = apply(a.does, afterA);
  const outB = apply(b.does, afterB);
  const thenB = outA === undefined && enabled(b.guards, afterA);
  const thenA = outB === undefined && enabled(a.guards, afterB);
  const outAB = thenB ? apply(b.does, afterA) : undefined;
  const outBA = thenA ? apply(a.does, afterB) : undefined;
  for (const out of [outA, outB, outAB, outBA]) if (out !== undefined && stays.has(out)) return 'never-together';
  // Leaving a cell's domain is a finding: an action that can make or spare one is dependent. Where each leaves its
  // own at once, whichever is first ends the run.
  if (outA !== undefined && outB !== undefined) return 'independent';
  if (outA !== undefined) return outBA === undefined ? 'dependent' : 'independent';
  if (outB !== undefined) return outAB === undefined ? 'dependent' : 'independent';
  if (!thenB || !thenA || outAB !== undefined || outBA !== undefined) return 'dependent';
  for (const { id } of cells) if (afterA[id] !== afterB[id]) return 'dependent';
  return 'independent';
}

function canMakeTrue(b: Trial, wanted: readonly number[], bounds: Bounds, { before, afterB }: Scratch): boolean {
  const ranges = b.cells.map((cell) => bounds.range(cell, b.id));
  if (tooMany(ranges)) return true;
  return someValuation(b.cells, ranges, before, () => {
    if (!enabled(b.guards, before) || enabled(wanted, before)) return false;
    copy(b.cells, before, afterB);
    return apply(b.does, afterB) === undefined && enabled(wanted, afterB);
  });
}
