import type { Comparison } from './op.ts';

/** Turns an unsigned comparison into a signed one. */
export const SIGN = 0x80000000 | 0;

/** Beyond the largest value of any cell. */
const NEVER = 0x40000000;

/**
 * What a guard lets through, as its first value and the number of values after it, with the sign bit turned over: a
 * value `v` passes exactly when `((v - least) ^ SIGN) <= span`. Everything but one value goes once round.
 */
export function within(is: Comparison, value: number): readonly [number, number] {
  const range = (least: number, most: number): readonly [number, number] =>
    least <= most ? [least, (most - least) ^ SIGN] : [NEVER, SIGN];
  const most = NEVER - 1;
  switch (is) {
    case '==':
      return Number.isInteger(value) && value >= 0 && value <= most ? range(value, value) : range(1, 0);
    case '!=':
      return Number.isInteger(value) && value >= 0 && value <= most ? [value + 1, -2 ^ SIGN] : range(0, most);
    case '<':
      return range(0, Math.min(Math.ceil(value) - 1, most));
    case '<=':
      return range(0, Math.min(Math.floor(value), most));
    case '>':
      return range(Math.max(Math.floor(value) + 1, 0), most);
    case '>=':
      return range(Math.max(Math.ceil(value), 0), most);
  }
}
