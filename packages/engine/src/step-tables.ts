import type { Action } from './actions.ts';
import { SIGN, within } from './guard-range.ts';
import { type Field, type Layout, readField } from './layout.ts';

/** Guards and effects of a system's actions as numbers. */
export interface StepTables {
  readonly enabled: (action: number, words: Int32Array) => boolean;
  /** Changes `words`; false when a cell would leave its domain. */
  readonly apply: (action: number, words: Int32Array) => boolean;
}

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
