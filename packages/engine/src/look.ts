import { type FlatAutomaton, type FlatSystem, placesIn } from './flat-system.ts';
import { type Field, readField } from './layout.ts';

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

/** Takes states apart. */
export interface Looker {
  /** The state that was looked at last. */
  readonly look: Look;
  /** Looks at a state. */
  at(words: Int32Array): Look;
  /** Begins where another one stands. `moving` and `blocked` are not known from here on. */
  from(other: Look): void;
  /** One thread has taken a step, by an action, to a control state. */
  moved(thread: number, control: number, action: number, words: Int32Array): void;
}

/** Makes a looker; what it says is good until it looks again. */
export function createLooker(system: FlatSystem): Looker {
  const { automata, automatonOf, layout, enabled } = system;
  const threads = automatonOf.length;
  const { free, guardedStart, guardedEdge, guardedAction } = edgesOf(system);
  const bases = Int32Array.from(automatonOf, (index) => (automata[index] as FlatAutomaton).stateBase);
  const ends = endsOf(system);
  const minded = createMinded(system);
  const controls = new Int32Array(threads);
  const masks = new Int32Array(threads);
  const look: Look = { controls, masks, moving: 0, blocked: 0 };

  const maskOf = (state: number, words: Int32Array): number => {
    let mask = free[state] as number;
    const end = guardedStart[state + 1] as number;
    for (let at = guardedStart[state] as number; at < end; at++)
      if (enabled(guardedAction[at] as number, words)) mask |= guardedEdge[at] as number;
    return mask;
  };

  return {
    look,
    at(words) {
      let moving = 0;
      let blocked = 0;
      for (let t = 0; t < threads; t++) {
        const control = readField(layout.threads[t] as Field, words);
        const state = (bases[t] as number) + control;
        const mask = maskOf(state, words);
        controls[t] = control;
        masks[t] = mask;
        if (mask !== 0) moving++;
        else if (ends[state] === 0) blocked++;
      }
      look.moving = moving;
      look.blocked = blocked;
      return look;
    },
    from(other) {
      for (let t = 0; t < threads; t++) {
        controls[t] = other.controls[t] as number;
        masks[t] = other.masks[t] as number;
      }
    },
    moved(thread, control, action, words) {
      controls[thread] = control;
      masks[thread] = maskOf((bases[thread] as number) + control, words);
      const mind = minded(action);
      for (let t = 0; t < threads; t++) {
        if (t === thread) continue;
        const state = (bases[t] as number) + (controls[t] as number);
        if (mind[state] === 1) masks[t] = maskOf(state, words);
      }
    },
  };
}

/** Makes a function that takes states apart; its answer is good until it is called again. */
export function createLook(system: FlatSystem): (words: Int32Array) => Look {
  return createLooker(system).at;
}

/** Per action, made when it is asked for: 1 for each control state, over all automata, with a guard on what it changes. */
function createMinded(system: FlatSystem): (action: number) => Uint8Array {
  const { automata, actions } = system;
  const places = placesIn(system);
  const known: (Uint8Array | undefined)[] = [];
  const make = (action: number): Uint8Array => {
    const changed = new Set(actions[action]?.does.map(({ cell }) => cell.id));
    const mind = new Uint8Array(places);
    if (changed.size === 0) return mind;
    const asks = actions.map(({ when }) => when.some(({ cell }) => changed.has(cell.id)));
    for (const { states, edgeStart, edgeAction, stateBase } of automata)
      for (let id = 0; id < states; id++)
        for (let edge = edgeStart[id] as number; edge < (edgeStart[id + 1] as number); edge++)
          if (asks[edgeAction[edge] as number] === true) mind[stateBase + id] = 1;
    return mind;
  };
  return (action) => {
    const mind = known[action] ?? make(action);
    known[action] = mind;
    return mind;
  };
}

/** Per control state, over all automata: which edges are always enabled, and the others with their actions. */
function edgesOf(system: FlatSystem) {
  const { automata, actions } = system;
  const states = placesIn(system);
  const free = new Int32Array(states);
  const guardedStart = new Int32Array(states + 1);
  const guardedEdge: number[] = [];
  const guardedAction: number[] = [];
  for (const { states: count, edgeStart, edgeAction, stateBase } of automata) {
    for (let id = 0; id < count; id++) {
      const first = edgeStart[id] as number;
      for (let edge = first; edge < (edgeStart[id + 1] as number); edge++) {
        const action = edgeAction[edge] as number;
        const bit = 1 << (edge - first);
        if (actions[action]?.when.length === 0) free[stateBase + id] = (free[stateBase + id] as number) | bit;
        else {
          guardedEdge.push(bit);
          guardedAction.push(action);
        }
      }
      guardedStart[stateBase + id + 1] = guardedEdge.length;
    }
  }
  return {
    free,
    guardedStart,
    guardedEdge: Int32Array.from(guardedEdge),
    guardedAction: Int32Array.from(guardedAction),
  };
}

/** Control states without edges, over all automata. */
function endsOf(system: FlatSystem): Uint8Array {
  const ends = new Uint8Array(placesIn(system));
  for (const { states, edgeStart, stateBase } of system.automata)
    for (let id = 0; id < states; id++) ends[stateBase + id] = edgeStart[id] === edgeStart[id + 1] ? 1 : 0;
  return ends;
}
