import { EngineError } from './errors.ts';
import { settledKey } from './value.ts';
import type { Cell, LocalCell, SyncObject } from './world.ts';

/** How a guard compares a cell with a constant. */
export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** A condition on one cell. */
export interface Guard {
  readonly cell: Cell | LocalCell;
  readonly is: Comparison;
  readonly value: number;
}

/** A change of one cell. `from` adds the value of another shared cell. */
export type Effect =
  | { readonly cell: Cell | LocalCell; readonly set: number }
  | { readonly cell: Cell | LocalCell; readonly add: number }
  | { readonly cell: Cell; readonly from: Cell };

/** An object together with the way in which it is held or wanted. */
export interface Hold {
  readonly object: SyncObject;
  /** Author's word for the mode, for example `exclusive`, `shared`, `queued`. */
  readonly mode: string;
}

/** One thing an op may do: possible when all of `when` hold, and then atomic. */
export interface Alternative {
  readonly when: readonly Guard[];
  readonly does: readonly Effect[];
  /** What the `yield` gives back. */
  readonly result: number;
  /** The op is not over: the thread goes on with this op before it gets a result. */
  readonly next?: Op;
  readonly acquires?: readonly Hold[];
  readonly releases?: readonly Hold[];
  /** Taking this alternative is a defect of the model's subject, reported with this code and sentence. */
  readonly error?: { readonly code: string; readonly message: string };
  /** Opaque to the engine, handed to whoever asks which transitions were taken. */
  readonly event?: unknown;
}

/** One step that other threads can see. A model yields it; it does nothing by itself. */
export interface Op {
  readonly type: 'op';
  readonly name: string;
  readonly alternatives: readonly Alternative[];
  /** What a thread that is blocked here waits for. */
  readonly wants?: Hold;
}

/**
 * Makes an op. Throws `ENGINE_BAD_OP` when it has no alternative, or stores what a cell cannot hold.
 */
export function op(name: string, alternatives: readonly Alternative[], wants?: Hold): Op {
  if (alternatives.length === 0) throw new EngineError('ENGINE_BAD_OP', name, 'an op needs at least one alternative');
  for (const each of alternatives) for (const effect of each.does) requireInDomain(name, effect);
  const made: Op = { type: 'op', name, alternatives, ...(wants === undefined ? {} : { wants }) };
  return Object.freeze(made);
}

function requireInDomain(name: string, effect: Effect): void {
  if (!('set' in effect) || (Number.isInteger(effect.set) && effect.set >= 0 && effect.set <= effect.cell.max)) return;
  throw new EngineError(
    'ENGINE_BAD_OP',
    name,
    `stores ${effect.set} in ${effect.cell.name}, which holds whole numbers from 0 to ${effect.cell.max}`,
  );
}

/** `cell` compares with `value`. */
export function when(cell: Cell | LocalCell, is: Comparison, value: number): Guard {
  return { cell, is, value };
}

/** Stores a constant. */
export function set(cell: Cell | LocalCell, value: number): Effect {
  return { cell, set: value };
}

/** Adds a constant, which may be negative. Leaving the cell's domain is a model error. */
export function add(cell: Cell | LocalCell, value: number): Effect {
  return { cell, add: value };
}

/** Adds the value of another cell. */
export function addFrom(cell: Cell, from: Cell): Effect {
  return { cell, from };
}

const keys = new WeakMap<Op, string>();

/** Structural key: two ops with one key are the same step. */
export function opKey(subject: Op): string {
  const known = keys.get(subject);
  if (known !== undefined) return known;
  const key = `${subject.name}|${holdKey(subject.wants)}|${subject.alternatives.map((each) => alternativeKey(subject, each)).join('|')}`;
  keys.set(subject, key);
  return key;
}

/** Structural key of a hold; empty for none. */
export function holdKey(hold: Hold | undefined): string {
  return hold === undefined ? '' : `${hold.object.id}${hold.mode}`;
}

function cellKey(cell: Cell | LocalCell): string {
  return `${cell.type === 'cell' ? 'c' : 'l'}${cell.id}`;
}

/** Structural key of a guard. */
export function guardKey(guard: Guard): string {
  return `${cellKey(guard.cell)}${guard.is}${guard.value}`;
}

/** Structural key of an effect. */
export function effectKey(effect: Effect): string {
  if ('set' in effect) return `${cellKey(effect.cell)}:=${effect.set}`;
  if ('add' in effect) return `${cellKey(effect.cell)}+=${effect.add}`;
  return `${cellKey(effect.cell)}+=${cellKey(effect.from)}`;
}

function alternativeKey(subject: Op, each: Alternative): string {
  return [
    each.when.map(guardKey).join('&'),
    each.does.map(effectKey).join(';'),
    each.result,
    each.next === undefined ? '' : opKey(each.next),
    (each.acquires ?? []).map(holdKey).join(),
    (each.releases ?? []).map(holdKey).join(),
    each.error?.code ?? '',
    each.event === undefined ? '' : settledKey(each.event, subject.name),
  ].join('~');
}

/** Does the guard hold for this value of its cell? */
export function guardHolds(is: Comparison, left: number, right: number): boolean {
  switch (is) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}
