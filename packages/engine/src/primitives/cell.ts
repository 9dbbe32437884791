import { add, type Op, op, set, when } from '../op.ts';
import type { Cell, LocalCell } from '../world.ts';

/** Reads a cell: the result is its value. */
export function load(cell: Cell | LocalCell): Op {
  const values = Array.from({ length: cell.max + 1 }, (_, value) => value);
  return op(
    `load ${cell.name}`,
    values.map((value) => ({ when: [when(cell, '==', value)], does: [], result: value })),
  );
}

/** Stores a constant in a cell. */
export function store(cell: Cell | LocalCell, value: number): Op {
  return op(`${cell.name} = ${value}`, [{ when: [], does: [set(cell, value)], result: value }]);
}

/** Adds a constant to a cell; leaving the cell's domain is a model error. */
export function increment(cell: Cell | LocalCell, by = 1): Op {
  return op(`${cell.name} += ${by}`, [{ when: [], does: [add(cell, by)], result: 0 }]);
}

/** Waits until the cell has the value. */
export function awaitValue(cell: Cell, value: number): Op {
  return op(`await ${cell.name} == ${value}`, [{ when: [when(cell, '==', value)], does: [], result: value }]);
}
