import type { Action } from './actions.ts';
import type { Cell } from './world.ts';

/** What the analysis needs to know of a thread: which action each edge takes, from where to where. */
export interface BoundedThread {
  readonly states: number;
  readonly edges: readonly { readonly from: number; readonly to: number; readonly action: number }[];
}

/** What is known of the cells before anything is explored. */
export interface Bounds {
  /** Cells that can never leave their domain. */
  readonly stays: ReadonlySet<Cell>;
  /**
   * Least and most of a cell while one thread stands before action `a` and, if given, another before `b`. Nothing is
   * known when no thread can: then the range is empty, least above most.
   */
  range(cell: Cell, a: number, b?: number): Range;
}

/** From `least` to `most`, both included. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/**
 * A counter of readers is the number of threads that read, whatever the order; log space moves between the log and
 * whoever reserved it. So where every step changes the sum of some cells by a fixed amount, the sum is known from
 * where the threads stand, and bounds each of the cells.
 */
export function boundsOf(
  cells: readonly Cell[],
  actions: readonly Action[],
  threads: readonly BoundedThread[],
): Bounds {
  const counted = new Set(
    actions.flatMap((action) => action.does.filter((effect) => !('set' in effect)).map((effect) => effect.cell)),
  );
  const stays = new Set(cells.filter((cell) => !counted.has(cell)));
  const alone = new Map<Cell, readonly Contribution[]>();
  for (const cell of cells) {
    const contributions = contributionsOf([cell], actions, threads);
    if (contributions === undefined) continue;
    const range = total(cell.init, contributions);
    if (range.least < 0 || range.most > cell.max) continue;
    stays.add(cell);
    alone.set(cell, contributions);
  }
  for (const group of groupsOf(counted, actions)) {
    if (group.every((cell) => stays.has(cell)) || !group.every((cell) => neverNegative(cell, actions))) continue;
    const contributions = contributionsOf(group, actions, threads);
    if (contributions === undefined) continue;
    const { most } = total(
      group.reduce((sum, cell) => sum + cell.init, 0),
      contributions,
    );
    for (const cell of group) if (most <= cell.max) stays.add(cell);
  }
  const standing = createStanding(actions, threads);
  return {
    stays,
    range(cell, a, b) {
      const contributions = alone.get(cell);
      if (contributions === undefined) return { least: 0, most: cell.max };
      const whole = total(cell.init, contributions);
      const one = standing(cell, contributions, a);
      const other = b === undefined ? undefined : standing(cell, contributions, b);
      let least = cell.max + 1;
      let most = -1;
      for (const [first, mine] of one.entries()) {
        if (mine === undefined) continue;
        const { least: l1, most: m1 } = contributions[first] as Contribution;
        if (other === undefined) {
          least = Math.min(least, whole.least - l1 + mine.least);
          most = Math.max(most, whole.most - m1 + mine.most);
          continue;
        }
        for (const [second, theirs] of other.entries()) {
          if (second === first || theirs === undefined) continue;
          const { least: l2, most: m2 } = contributions[second] as Contribution;
          least = Math.min(least, whole.least - l1 - l2 + mine.least + theirs.least);
          most = Math.max(most, whole.most - m1 - m2 + mine.most + theirs.most);
        }
      }
      return { least: Math.max(least, 0), most: Math.min(most, cell.max) };
    },
  };
}

/** What a thread that stands before an action has added to a cell; undefined for one that never does. */
type Standing = readonly (Range | undefined)[];

function createStanding(actions: readonly Action[], threads: readonly BoundedThread[]) {
  /** Per action and thread: the control states before it. */
  const before: (number[] | undefined)[][] = actions.map(() => []);
  for (const [index, { edges }] of threads.entries()) {
    for (const { from, action } of edges) {
      const states = before[action] as (number[] | undefined)[];
      const known = states[index];
      if (known === undefined) states[index] = [from];
      else known.push(from);
    }
  }
  const known = new Map<Cell, Standing[]>();
  return (cell: Cell, contributions: readonly Contribution[], action: number): Standing => {
    let byAction = known.get(cell);
    if (byAction === undefined) {
      byAction = [];
      known.set(cell, byAction);
    }
    let standing = byAction[action];
    if (standing === undefined) {
      standing = contributions.map((each, thread) => {
        const states = before[action]?.[thread];
        return states === undefined ? undefined : narrowed(each, states);
      });
      byAction[action] = standing;
    }
    return standing;
  };
}

/** What a thread has added to some cells: by control state where it was, and the extremes. */
interface Contribution extends Range {
  readonly by: readonly (number | undefined)[];
}

function total(init: number, contributions: readonly Range[]): Range {
  return {
    least: contributions.reduce((sum, each) => sum + each.least, init),
    most: contributions.reduce((sum, each) => sum + each.most, init),
  };
}

function narrowed({ by }: Contribution, states: readonly number[]): Range {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const state of states) {
    const value = by[state];
    if (value === undefined) continue;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { least, most };
}

/** Cells whose amounts one action moves at once. */
function groupsOf(counted: ReadonlySet<Cell>, actions: readonly Action[]): readonly (readonly Cell[])[] {
  const leader = new Map([...counted].map((cell) => [cell, cell]));
  const find = (cell: Cell): Cell => {
    const next = leader.get(cell) as Cell;
    return next === cell ? cell : find(next);
  };
  for (const action of actions) {
    const together = action.does.flatMap((effect) =>
      'from' in effect ? [effect.cell, effect.from] : 'add' in effect ? [effect.cell] : [],
    );
    const members = together.filter((cell) => counted.has(cell));
    for (const cell of members) leader.set(find(cell), find(members[0] as Cell));
  }
  const groups = new Map<Cell, Cell[]>();
  for (const cell of counted) groups.set(find(cell), [...(groups.get(find(cell)) ?? []), cell]);
  return [...groups.values()];
}

/** Every step that lowers the cell makes sure first that there is enough. */
function neverNegative(cell: Cell, actions: readonly Action[]): boolean {
  return actions.every((action) => {
    let enough = Math.max(
      0,
      ...action.when
        .filter((guard) => guard.cell === cell)
        .map((guard) =>
          guard.is === '>' ? guard.value + 1 : guard.is === '>=' || guard.is === '==' ? guard.value : 0,
        ),
    );
    for (const effect of action.does) {
      if (effect.cell !== cell) continue;
      if ('set' in effect) enough = effect.set;
      else if ('add' in effect) enough += effect.add;
      if (enough < 0) return false;
    }
    return true;
  });
}

/** What each thread adds to the cells; undefined where a step changes the sum by who knows how much. */
function contributionsOf(
  group: readonly Cell[],
  actions: readonly Action[],
  threads: readonly BoundedThread[],
): readonly Contribution[] | undefined {
  const changes = actions.map((action) => changeOf(group, action));
  const contributions: Contribution[] = [];
  const known = new Map<BoundedThread, Contribution>();
  for (const thread of threads) {
    const contribution = known.get(thread) ?? contributionOf(thread, changes);
    if (contribution === undefined) return undefined;
    known.set(thread, contribution);
    contributions.push(contribution);
  }
  return contributions;
}

/** What a thread has added so far, by where it stands: undefined where that depends on how it came there. */
function contributionOf(
  { states, edges }: BoundedThread,
  changes: readonly (number | undefined)[],
): Contribution | undefined {
  const by: (number | undefined)[] = new Array(states).fill(undefined);
  by[0] = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (const { from, to, action } of edges) {
      const before = by[from];
      if (before === undefined) continue;
      const change = changes[action];
      if (change === undefined) return undefined;
      if (by[to] === undefined) {
        by[to] = before + change;
        changed = true;
      } else if (by[to] !== before + change) return undefined;
    }
  }
  const known = by.filter((value) => value !== undefined);
  return { by, least: Math.min(...known), most: Math.max(...known) };
}

/** How much an action adds to the sum of the cells; undefined where that depends on the state. */
function changeOf(group: readonly Cell[], action: Action): number | undefined {
  if (!action.does.some((effect) => group.includes(effect.cell))) return 0;
  const pinned = new Map(action.when.filter((guard) => guard.is === '==').map((guard) => [guard.cell, guard.value]));
  // Each value as a constant and multiples of the cells' values before the step.
  type Linear = { readonly constant: number; readonly of: ReadonlyMap<Cell, number> };
  const before = (cell: Cell): Linear => {
    const value = pinned.get(cell);
    return value === undefined ? { constant: 0, of: new Map([[cell, 1]]) } : { constant: value, of: new Map() };
  };
  const plus = (left: Linear, right: Linear, times = 1): Linear => {
    const of = new Map(left.of);
    for (const [cell, factor] of right.of) of.set(cell, (of.get(cell) ?? 0) + factor * times);
    return { constant: left.constant + right.constant * times, of };
  };
  const now = new Map<Cell, Linear>();
  const at = (cell: Cell): Linear => now.get(cell) ?? before(cell);
  for (const effect of action.does) {
    if ('set' in effect) now.set(effect.cell, { constant: effect.set, of: new Map() });
    else if ('add' in effect) now.set(effect.cell, plus(at(effect.cell), { constant: effect.add, of: new Map() }));
    else now.set(effect.cell, plus(at(effect.cell), at(effect.from)));
  }
  let change: Linear = { constant: 0, of: new Map() };
  for (const cell of group) change = plus(plus(change, at(cell)), before(cell), -1);
  for (const factor of change.of.values()) if (factor !== 0) return undefined;
  return change.constant;
}
