import type { Action } from './actions.ts';
import { type Field, type Layout, readField } from './layout.ts';
import type { Comparison } from './op.ts';

/** Guards and effects of a system's actions as numbers. */
export interface StepTables {
  readonly enabled: (action: number, words: Int32Array) => boolean;
  /** Changes `words`; false when a cell would leave its domain. */
  readonly apply: (action: number, words: Int32Array) => boolean;
}

/** Beyond the largest value of any cell. */
const NEVER = 0x40000000;
const SIGN = 0x80000000 | 0;
const GUARD = 5;
const EFFECT = 7;

const SET = 0;
const ADD = 1;
const FROM = 2;

/**
 * Makes the tables. One loop reads those of every model, so that the engine warms up once and not once a model; code
 * generated for each would be thrown away before it has paid for itself.
 */
export function createStepTables(actions: readonly Action[], layout: Layout): StepTables {
  const fieldOf = (id: number): Field => layout.cells[id] as Field;
  const guardStart = new Int32Array(actions.length + 1);
  const effectStart = new Int32Array(actions.length + 1);
  const guardList: number[] = [];
  const effectList: number[] = [];
  for (const { id, when, does } of actions) {
    for (const { cell, is, value } of when) {
      const { word, shift, mask } = fieldOf(cell.id);
      guardList.push(word, shift, mask, ...within(is, value));
    }
    for (const effect of does) {
      const { word, shift, mask } = fieldOf(effect.cell.id);
      if ('set' in effect) effectList.push(SET, word, shift, mask << shift, effect.set << shift, 0, 0);
      else if ('add' in effect) effectList.push(ADD, word, shift, mask, effect.add, effect.cell.max, 0);
      else effectList.push(FROM, word, shift, mask, 0, effect.cell.max, effect.from.id);
    }
    guardStart[id + 1] = guardList.length;
    effectStart[id + 1] = effectList.length;
  }
  const guards = Int32Array.from(guardList);
  const effects = Int32Array.from(effectList);

  return {
    enabled(action, words) {
      const end = guardStart[action + 1] as number;
      for (let at = guardStart[action] as number; at < end; at += GUARD) {
        const value =
          ((words[guards[at] as number] as number) >>> (guards[at + 1] as number)) & (guards[at + 2] as number);
        if (((value - (guards[at + 3] as number)) ^ SIGN) > (guards[at + 4] as number)) return false;
      }
      return true;
    },
    apply(action, words) {
      const end = effectStart[action + 1] as number;
      for (let at = effectStart[action] as number; at < end; at += EFFECT) {
        const word = effects[at + 1] as number;
        const old = words[word] as number;
        const shift = effects[at + 2] as number;
        const mask = effects[at + 3] as number;
        if (effects[at] === SET) {
          words[word] = (old & ~mask) | (effects[at + 4] as number);
          continue;
        }
        const more =
          effects[at] === ADD ? (effects[at + 4] as number) : readField(fieldOf(effects[at + 6] as number), words);
        const value = ((old >>> shift) & mask) + more;
        if (value < 0 || value > (effects[at + 5] as number)) return false;
        words[word] = (old & ~(mask << shift)) | (value << shift);
      }
      return true;
    },
  };
}

/**
 * What a guard lets through, as its first value and the number of values after it: then one unsigned comparison
 * decides, which is a signed one with the sign bits turned over. Everything but one value goes once round.
 */
function within(is: Comparison, value: number): readonly [number, number] {
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
