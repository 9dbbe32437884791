import { createLearner, type FrameNode, type Learner } from './learn.ts';
import type { SystemLimits } from './limits.ts';
import { type MinimalAutomaton, minimise } from './minimise.ts';
import type { Model, Thread } from './model.ts';
import { type Automaton, unfold } from './unfold.ts';
import { agrees, type View } from './view.ts';
import type { World } from './world.ts';

/** A thread's automaton, whole and minimised. */
export interface Unfolded {
  readonly detailed: Automaton;
  readonly minimal: MinimalAutomaton;
}

/** Unfolds the threads of a model. */
export interface Unfolder {
  /** Throws what learning and unfolding throw. */
  unfoldedOf(thread: Thread): Unfolded;
  /** Nothing was refused: what was learned may serve the next model of the same view. */
  keep(): void;
}

interface Learned {
  readonly world: World;
  readonly limits: SystemLimits;
  readonly minimised: boolean;
  readonly learner: Learner;
  /** By the first step of their call: threads that start alike are unfolded once. */
  readonly unfolded: Map<FrameNode, (Unfolded & { readonly repeat: boolean })[]>;
}

const learned = new WeakMap<View, Learned>();

/** For one model; with what was learned from those that it shares its circumstances with. */
export function unfolderOf(model: Model, limits: SystemLimits, minimised: boolean): Unfolder {
  const { world, circumstances } = model;
  const view = circumstances?.view;
  const record = circumstances?.record;
  const before = view === undefined ? undefined : learned.get(view);
  const fits = before?.world === world && before.minimised === minimised && sameLimits(before.limits, limits);
  const mine: Learned = fits
    ? (before as Learned)
    : { world, limits, minimised, learner: learnerOf(limits, view), unfolded: new Map() };
  // What a refusal, or whoever ends this thread, leaves half learned serves nobody.
  if (view !== undefined) {
    learned.delete(view);
    view.show(record as object);
  }
  mine.learner.begin(record);

  return {
    unfoldedOf({ start, repeat = false }) {
      const root = mine.learner.enter(start);
      const known = mine.unfolded.get(root) ?? [];
      mine.unfolded.set(root, known);
      const alike = known.find(
        (each) => each.repeat === repeat && (record === undefined || agrees(record, each.detailed.looks)),
      );
      if (alike !== undefined) return alike;
      const { stackDepth, threadStates } = limits;
      const detailed = unfold(world, mine.learner, start, repeat, { stackDepth, states: threadStates });
      const fresh = { detailed, minimal: minimise(detailed, minimised), repeat };
      known.push(fresh);
      return fresh;
    },
    keep() {
      if (view !== undefined) learned.set(view, mine);
    },
  };
}

function learnerOf({ frameDepth, learnedNodes }: SystemLimits, view: View | undefined): Learner {
  return createLearner({ frameDepth, nodes: learnedNodes }, view);
}

function sameLimits(left: SystemLimits, right: SystemLimits): boolean {
  return (
    left.frameDepth === right.frameDepth &&
    left.learnedNodes === right.learnedNodes &&
    left.stackDepth === right.stackDepth &&
    left.threadStates === right.threadStates
  );
}
