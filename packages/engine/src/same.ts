import type { Call } from './kernel-function.ts';
import type { Alternative, Effect, Guard, Hold, Op } from './op.ts';
import { handleKey, isConstant } from './value.ts';

/**
 * Have two values the same `valueKey`? Both must be such as `settle` lets through. Says so without making the keys: a
 * function is run again far more often than it turns out to be impure.
 */
export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return Number.isNaN(left) && Number.isNaN(right);
  if (isConstant(left) || isConstant(right)) return false;
  const handle = handleKey(left);
  if (handle !== undefined || handleKey(right) !== undefined) return handle === handleKey(right);
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((inner, index) => sameValue(inner, right[index]));
  }
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  const [one, other] = [left as Record<string, unknown>, right as Record<string, unknown>];
  return names.every((name) => Object.hasOwn(other, name) && sameValue(one[name], other[name]));
}

/** Do two calls start the same frame? */
export function sameCall(left: Call, right: Call): boolean {
  return (
    left.fn === right.fn &&
    left.args.length === right.args.length &&
    left.args.every((arg, index) => sameValue(arg, right.args[index]))
  );
}

/** Are two ops the same step? */
export function sameOp(left: Op, right: Op): boolean {
  return (
    left === right ||
    (left.name === right.name &&
      sameHold(left.wants, right.wants) &&
      sameList(left.alternatives, right.alternatives, sameAlternative))
  );
}

function sameAlternative(left: Alternative, right: Alternative): boolean {
  return (
    left === right ||
    (sameValue(left.result, right.result) &&
      sameList(left.when, right.when, sameGuard) &&
      sameList(left.does, right.does, sameEffect) &&
      (left.next === right.next ||
        (left.next !== undefined && right.next !== undefined && sameOp(left.next, right.next))) &&
      sameList(left.acquires ?? NONE, right.acquires ?? NONE, sameHold) &&
      sameList(left.releases ?? NONE, right.releases ?? NONE, sameHold) &&
      left.error?.code === right.error?.code &&
      sameValue(left.event, right.event))
  );
}

const NONE: readonly never[] = [];

function sameHold(left: Hold | undefined, right: Hold | undefined): boolean {
  return left === right || (left?.object.id === right?.object.id && left?.mode === right?.mode);
}

function sameGuard(left: Guard, right: Guard): boolean {
  return left === right || (left.value === right.value && left.is === right.is && sameCell(left.cell, right.cell));
}

function sameEffect(left: Effect, right: Effect): boolean {
  if (left === right) return true;
  if (!sameCell(left.cell, right.cell)) return false;
  if ('set' in left) return 'set' in right && left.set === right.set;
  if ('add' in left) return 'add' in right && left.add === right.add;
  return 'from' in right && sameCell(left.from, right.from);
}

function sameCell(left: Guard['cell'], right: Guard['cell']): boolean {
  return left === right || (left.type === right.type && left.id === right.id);
}

function sameList<T>(left: readonly T[], right: readonly T[], same: (one: T, other: T) => boolean): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (!same(left[index] as T, right[index] as T)) return false;
  return true;
}
