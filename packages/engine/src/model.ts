import type { Call } from './kernel-function.ts';
import type { View } from './view.ts';
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
  /**
   * What its functions see beside their arguments. Models with one view are of one world: what was learned for one of
   * them is used for the others where their records agree on what was looked at.
   */
  readonly circumstances?: { readonly view: View; readonly record: object };
}
