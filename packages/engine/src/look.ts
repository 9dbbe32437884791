import { type Field, readField } from './layout.ts';
import type { CompiledAutomaton, System } from './system.ts';

/** A state taken apart: where each thread stands and which of its edges it can take. */
export interface Look {
  readonly controls: Int32Array;
  /** One bit per edge of the thread's control state. */
  readonly masks: Int32Array;
  /** Threads that can take a step. */
  moving: number;
  /** Threads that are not done and cannot. */
  blocked: number;
}

/** Makes a function that takes states apart; its answer is good until it is called again. */
export function createLook(system: System): (words: Int32Array) => Look {
  const { automata, automatonOf, layout, enabled } = system;
  const threads = automatonOf.length;
  const automatonOfThread = automatonOf.map((index) => automata[index] as CompiledAutomaton);
  const look: Look = { controls: new Int32Array(threads), masks: new Int32Array(threads), moving: 0, blocked: 0 };
  return (words) => {
    let moving = 0;
    let blocked = 0;
    for (let t = 0; t < threads; t++) {
      const control = readField(layout.threads[t] as Field, words);
      const { edgeStart, edgeAction } = automatonOfThread[t] as CompiledAutomaton;
      const first = edgeStart[control] as number;
      const last = edgeStart[control + 1] as number;
      let mask = 0;
      for (let edge = first; edge < last; edge++)
        if (enabled(edgeAction[edge] as number, words)) mask |= 1 << (edge - first);
      look.controls[t] = control;
      look.masks[t] = mask;
      if (mask !== 0) moving++;
      else if (last > first) blocked++;
    }
    look.moving = moving;
    look.blocked = blocked;
    return look;
  };
}
