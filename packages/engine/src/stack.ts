import type { FrameNode } from './learn.ts';

/** Frames of a thread below the one that runs, each at the call that it waits for. */
export interface Stack {
  readonly id: number;
  readonly node: FrameNode;
  readonly below: Stack | undefined;
  readonly depth: number;
  readonly backtrace: Backtrace;
  /** Stacks with one frame more, by what is on top; most never have any. */
  above: Map<FrameNode, Stack> | undefined;
}

/** The modelled functions that a thread is in. */
export interface Backtrace {
  /** Innermost first: one list for all places with the same functions. */
  readonly names: readonly string[];
  readonly inside: Map<string, Backtrace>;
}

/** The stacks of one thread: each there once. */
export interface Stacks {
  of(node: FrameNode, below: Stack | undefined): Stack;
  /** The functions at a frame, which need not be on a stack itself. */
  backtrace(node: FrameNode, below: Stack | undefined): Backtrace;
}

export function createStacks(): Stacks {
  const bottom = new Map<FrameNode, Stack>();
  const outside: Backtrace = { names: [], inside: new Map() };
  let count = 0;

  const besideOf = (below: Stack | undefined): Map<FrameNode, Stack> => {
    if (below === undefined) return bottom;
    below.above ??= new Map();
    return below.above;
  };
  const backtrace = ({ frame }: FrameNode, below: Stack | undefined): Backtrace => {
    const { names, inside } = below?.backtrace ?? outside;
    const { name } = frame.fn;
    let known = inside.get(name);
    if (known === undefined) {
      known = { names: [name, ...names], inside: new Map() };
      inside.set(name, known);
    }
    return known;
  };

  return {
    backtrace,
    of(node, below) {
      const beside = besideOf(below);
      let stack = beside.get(node);
      if (stack === undefined) {
        const depth = below === undefined ? 1 : below.depth + 1;
        stack = { id: ++count, node, below, depth, backtrace: backtrace(node, below), above: undefined };
        beside.set(node, stack);
      }
      return stack;
    },
  };
}
