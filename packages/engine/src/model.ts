import type { Call } from './kernel-function.ts';
import type { World } from './world.ts';

/** One thread of a model. */
export interface Thread {
  readonly name: string;
  readonly start: Call;
  /** It may wait for ever at its start, or where all that follows is the same, without that being a deadlock. */
  readonly daemon?: boolean;
  /** When the body returns, it starts again. */
  readonly repeat?: boolean;
}

/** A closed system: a world and the threads in it. */
export interface Model {
  readonly name: string;
  readonly world: World;
  readonly threads: readonly Thread[];
}
