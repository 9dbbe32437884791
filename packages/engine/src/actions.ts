import type { Bounds, Range } from './bounds.ts';
import { effectKey, guardHolds, guardKey } from './op.ts';
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
  return {
    actions,
    intern(when, does) {
      const key = `${when.map(guardKey).sort().join('&')}|${does.map(effectKey).join(';')}`;
      const known = ids.get(key);
      if (known !== undefined) return known;
      ids.set(key, actions.length);
      actions.push({ id: actions.length, when, does });
      return actions.length - 1;
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
  const enables = actions.map((action) => action.when.map(empty));
  const cellsOf = actions.map(touched);
  const writesOf = actions.map(written);

  for (const a of actions) {
    for (const b of actions) {
      if (b.id >= a.id && overlap(cellsOf[a.id] as Set<Cell>, cellsOf[b.id] as Set<Cell>)) {
        const verdict = compare(a, b, bounds);
        if (verdict === 'never-together') {
          include(excludes[a.id] as ActionSet, b.id);
          include(excludes[b.id] as ActionSet, a.id);
        } else if (verdict === 'dependent') {
          include(conflicts[a.id] as ActionSet, b.id);
          include(conflicts[b.id] as ActionSet, a.id);
        }
      }
      for (const [index, guard] of a.when.entries()) {
        if (!(writesOf[b.id] as Set<Cell>).has(guard.cell)) continue;
        if (canMakeTrue(b, guard, bounds)) include((enables[a.id] as ActionSet[])[index] as ActionSet, b.id);
      }
    }
  }
  return { conflicts, excludes, enables, words };
}

/** Adds an id to a set. */
export function include(set: ActionSet, id: number): void {
  set[id >>> 5] = ((set[id >>> 5] as number) | (1 << (id & 31))) >>> 0;
}

function touched(action: Action): Set<Cell> {
  const cells = written(action);
  for (const guard of action.when) cells.add(guard.cell);
  for (const effect of action.does) if ('from' in effect) cells.add(effect.from);
  return cells;
}

function written(action: Action): Set<Cell> {
  return new Set(action.does.map((effect) => effect.cell));
}

function overlap(left: Set<Cell>, right: Set<Cell>): boolean {
  for (const cell of left) if (right.has(cell)) return true;
  return false;
}

type Valuation = Map<Cell, number>;

function enabled(guards: readonly SharedGuard[], at: Valuation): boolean {
  return guards.every((guard) => guardHolds(guard.is, at.get(guard.cell) as number, guard.value));
}

/** The valuation after the effects, or the cell that would leave its domain. */
function applied(action: Action, at: Valuation): Valuation | Cell {
  const after = new Map(at);
  for (const effect of action.does) {
    const old = after.get(effect.cell) as number;
    const value =
      'set' in effect ? effect.set : 'add' in effect ? old + effect.add : old + (after.get(effect.from) as number);
    if (value < 0 || value > effect.cell.max) return effect.cell;
    after.set(effect.cell, value);
  }
  return after;
}

function* valuations(cells: readonly Cell[], ranges: readonly Range[]): Generator<Valuation> {
  if (ranges.some(({ least, most }) => least > most)) return;
  const at: Valuation = new Map(cells.map((cell, index) => [cell, (ranges[index] as Range).least]));
  for (;;) {
    yield at;
    let index = 0;
    for (; index < cells.length; index++) {
      const cell = cells[index] as Cell;
      const { least, most } = ranges[index] as Range;
      const value = at.get(cell) as number;
      if (value < most) {
        at.set(cell, value + 1);
        break;
      }
      at.set(cell, least);
    }
    if (index === cells.length) return;
  }
}

function tooMany(ranges: readonly Range[]): boolean {
  let product = 1;
  for (const { least, most } of ranges) product *= Math.max(0, most - least + 1);
  return product > VALUATIONS;
}

function compare(a: Action, b: Action, bounds: Bounds): 'independent' | 'dependent' | 'never-together' {
  const cells = [...new Set([...touched(a), ...touched(b)])];
  const ranges = cells.map((cell) => bounds.range(cell, a.id, b.id));
  if (tooMany(ranges)) return 'dependent';
  let together = false;
  for (const at of valuations(cells, ranges)) {
    if (!enabled(a.when, at) || !enabled(b.when, at)) continue;
    const verdict = compareAt(a, b, at, bounds.stays);
    if (verdict === 'dependent') return 'dependent';
    if (verdict === 'independent') together = true;
  }
  return together ? 'independent' : 'never-together';
}

/** Both orders from one valuation in which both are enabled. */
function compareAt(
  a: Action,
  b: Action,
  at: Valuation,
  stays: ReadonlySet<Cell>,
): 'independent' | 'dependent' | 'never-together' {
  const afterA = applied(a, at);
  const afterB = applied(b, at);
  const ab = afterA instanceof Map && enabled(b.when, afterA) ? applied(b, afterA) : undefined;
  const ba = afterB instanceof Map && enabled(a.when, afterB) ? applied(a, afterB) : undefined;
  for (const end of [afterA, afterB, ab, ba])
    if (end !== undefined && !(end instanceof Map) && stays.has(end)) return 'never-together';
  // Leaving a cell's domain is a finding: an action that can make or spare one is dependent. Where each leaves its
  // own at once, whichever is first ends the run.
  if (!(afterA instanceof Map) && !(afterB instanceof Map)) return 'independent';
  if (!(afterA instanceof Map)) return ba === undefined || ba instanceof Map ? 'dependent' : 'independent';
  if (!(afterB instanceof Map)) return ab === undefined || ab instanceof Map ? 'dependent' : 'independent';
  if (!(ab instanceof Map) || !(ba instanceof Map)) return 'dependent';
  for (const [cell, value] of ab) if (ba.get(cell) !== value) return 'dependent';
  return 'independent';
}

function canMakeTrue(b: Action, guard: SharedGuard, bounds: Bounds): boolean {
  const cells = [...new Set([...touched(b), guard.cell])];
  const ranges = cells.map((cell) => bounds.range(cell, b.id));
  if (tooMany(ranges)) return true;
  for (const at of valuations(cells, ranges)) {
    if (!enabled(b.when, at) || enabled([guard], at)) continue;
    const after = applied(b, at);
    if (after instanceof Map && enabled([guard], after)) return true;
  }
  return false;
}
