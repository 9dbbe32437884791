import { createExpander, type ExpanderOptions } from '../expansion.ts';
import type { FlatSystem } from '../flat-system.ts';
import { matcherOf } from '../matcher.ts';
import { createNovelty } from '../novelty.ts';
import { fusesAt, type SearchOptions } from '../search-options.ts';
import { createStoreView, type StoreNews } from '../store.ts';
import { looksNow } from '../stuck-states.ts';
import { createRecorder } from './record.ts';

/** What a member of a crew has to know of a search. */
export type MemberOptions = ExpanderOptions &
  Pick<SearchOptions, 'fuseFrom' | 'order' | 'partialDeadlocks' | 'stopAtFirst'>;

/** Memory that all members share with whoever stores the states. */
export interface Shared {
  /** One number: the next piece of the batch to take. */
  readonly cursor: Int32Array;
  /** Per place, over all automata: 1 when a thread stands there in some stored state. */
  readonly seen: Uint8Array;
}

/** States to be expanded by all members together, who take pieces of them. */
export interface Batch {
  readonly from: number;
  readonly to: number;
  /** States in a piece. */
  readonly piece: number;
  readonly news: StoreNews;
}

/** What one member has done of a batch. */
export interface Part {
  /** Two numbers each: which piece, and where its records begin. */
  readonly pieces: readonly number[];
  readonly records: Int32Array;
}

/** Expands states that somebody else stores. */
export interface Member {
  begin(batch: Batch): void;
  /** Takes a piece; false when none is left. */
  step(): boolean;
  end(): Part;
}

const allocate = (length: number): Int32Array =>
  new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));

/** Makes a member. */
export function createMember(system: FlatSystem, options: MemberOptions, { cursor, seen }: Shared): Member {
  const matcher = matcherOf(system, options);
  const stored = createStoreView(system.layout.words, matcher);
  const novelty = matcher === undefined ? undefined : createNovelty(system, seen);
  const { stopAtFirst } = options;
  const recorder = createRecorder(system.layout.words, system.edgeCount, { stored, novelty, stopAtFirst, allocate });
  const expander = createExpander(system, options, recorder);
  /** One is read while the other is written. */
  const memory = [allocate(0), allocate(0)];
  let turn = 0;
  let batch: Batch | undefined;
  let pieces: number[] = [];

  const expand = (id: number): void => {
    stored.read(id, expander.words);
    expander.look(0, fusesAt(options, id));
    const before = expander.transitions;
    recorder.begin();
    const level = expander.expand(looksNow(id, options));
    recorder.end(level, expander.transitions - before);
  };

  return {
    begin(next) {
      batch = next;
      stored.learn(next.news);
      pieces = [];
      turn = 1 - turn;
      recorder.reset(memory[turn] as Int32Array);
    },
    step() {
      const { from, to, piece } = batch as Batch;
      const place = Atomics.add(cursor, 0, 1);
      const first = from + place * piece;
      if (first >= to) return false;
      pieces.push(place, recorder.length);
      for (let id = first; id < Math.min(to, first + piece); id++) expand(id);
      return true;
    },
    end() {
      memory[turn] = recorder.numbers;
      return { pieces, records: recorder.numbers };
    },
  };
}
