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
 * needs to be declared. Two shared acquires of one rwsem come out independent, two exclusive ones do not.
 */
export function relate(actions: readonly Action[]): Relations {
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
        const verdict = compare(a, b);
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
        if (canMakeTrue(b, guard)) include((enables[a.id] as ActionSet[])[index] as ActionSet, b.id);
      }
    }
  }
  return { conflicts, excludes, enables, words };
}

/** Adds an id to a set. */
export function include(set: ActionSet, id: number): void {
  set[id >>> 5] = (set[id >>> 5] as number) | (1 << (id & 31));
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

/** The valuation after the effects; undefined when a cell would leave its domain. */
function applied(action: Action, at: Valuation): Valuation | undefined {
  const after = new Map(at);
  for (const effect of action.does) {
    const old = after.get(effect.cell) as number;
    const value =
      'set' in effect ? effect.set : 'add' in effect ? old + effect.add : old + (after.get(effect.from) as number);
    if (value < 0 || value > effect.cell.max) return undefined;
    after.set(effect.cell, value);
  }
  return after;
}

function* valuations(cells: readonly Cell[]): Generator<Valuation> {
  const at: Valuation = new Map(cells.map((cell) => [cell, 0]));
  for (;;) {
    yield at;
    let index = 0;
    for (; index < cells.length; index++) {
      const cell = cells[index] as Cell;
      const value = at.get(cell) as number;
      if (value < cell.max) {
        at.set(cell, value + 1);
        break;
      }
      at.set(cell, 0);
    }
    if (index === cells.length) return;
  }
}

function tooMany(cells: readonly Cell[]): boolean {
  let product = 1;
  for (const cell of cells) product *= cell.max + 1;
  return product > VALUATIONS;
}

function compare(a: Action, b: Action): 'independent' | 'dependent' | 'never-together' {
  const cells = [...new Set([...touched(a), ...touched(b)])];
  if (tooMany(cells)) return 'dependent';
  let together = false;
  for (const at of valuations(cells)) {
    if (!enabled(a.when, at) || !enabled(b.when, at)) continue;
    together = true;
    const afterA = applied(a, at);
    const afterB = applied(b, at);
    // Leaving a cell's domain is a finding: an action that can make or spare one is dependent. Where both leave
    // theirs, whichever is first ends the run.
    if (afterA === undefined && afterB === undefined) continue;
    if (afterA === undefined || afterB === undefined) {
      const [leaves, other] = afterA === undefined ? [a, afterB] : [b, afterA];
      if (!enabled(leaves.when, other as Valuation) || applied(leaves, other as Valuation) !== undefined)
        return 'dependent';
      continue;
    }
    if (!enabled(b.when, afterA) || !enabled(a.when, afterB)) return 'dependent';
    const ab = applied(b, afterA);
    const ba = applied(a, afterB);
    if (ab === undefined || ba === undefined) return 'dependent';
    for (const cell of cells) if (ab.get(cell) !== ba.get(cell)) return 'dependent';
  }
  return together ? 'independent' : 'never-together';
}

function canMakeTrue(b: Action, guard: SharedGuard): boolean {
  const cells = [...new Set([...touched(b), guard.cell])];
  if (tooMany(cells)) return true;
  for (const at of valuations(cells)) {
    if (!enabled(b.when, at) || enabled([guard], at)) continue;
    const after = applied(b, at);
    if (after !== undefined && enabled([guard], after)) return true;
  }
  return false;
}
