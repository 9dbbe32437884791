import type { Listener } from '../expansion.ts';
import { type FlatSystem, placesIn } from '../flat-system.ts';
import { matcherOf } from '../matcher.ts';
import type { SearchOptions } from '../search-options.ts';
import { createSharedStore, type SharedStore } from '../store.ts';
import type { Batch, Part } from './member.ts';
import { createReader, type Expanded } from './record.ts';

/** Several who expand states at the same time. */
export interface Crew {
  readonly size: number;
  /** Expands a batch. One at a time: the records of the one before stay as they are meanwhile, and no longer. */
  expand(batch: Batch): Promise<readonly Part[]>;
}

/** A crew that has to be let go. */
export interface HiredCrew extends Crew {
  /** Nobody takes a further piece of what is being expanded: its parts are of no use. */
  hurry(): void;
  end(): Promise<void>;
}

/** States that others expand before the search comes to them. */
export interface Ahead {
  /** Where the search is to store what it reaches. */
  readonly store: SharedStore;
  /** Per place of an automaton: 1 when a thread stands there in some stored state. Others read it. */
  readonly seen: Uint8Array;
  /** Has the state been expanded? */
  has(id: number): boolean;
  /** The search has come to a state: true when it is to wait for the others to expand it. */
  wants(id: number): boolean;
  /** Tells what the steps of a state led to. They are told in order. */
  tell(id: number, listener: Listener): Expanded;
  /** Waits for what is wanted, if anything is. */
  settled(): Promise<void>;
}

/** When to ask others. */
export interface Pace {
  /** State from which on they are asked. */
  readonly alone: number;
  /** So few states are expanded in less time than it takes to ask for it. */
  readonly few: number;
}

/** More at once would only take more memory. */
const MOST = 8192;
const LARGEST_PIECE = 32;

/** Makes what runs ahead of a search. `crew` is called when there is enough to do. */
export function createAhead(
  system: FlatSystem,
  options: Pick<SearchOptions, 'bisimulation' | 'apart'>,
  { alone, few }: Pace,
  crew: (seen: Uint8Array) => Crew,
): Ahead {
  const { words: width } = system.layout;
  const store = createSharedStore(width, matcherOf(system, options));
  const seen = new Uint8Array(new SharedArrayBuffer(placesIn(system)));
  const reader = createReader(width);
  let known: { readonly from: number; readonly to: number; readonly piece: number } = { from: 0, to: 0, piece: 1 };
  /** Per piece: where its records are. */
  let places: { readonly records: Int32Array; readonly at: number }[] = [];
  let coming: { readonly batch: Batch; readonly parts: Promise<readonly Part[]> } | undefined;
  let waiting = false;

  const has = (id: number): boolean => id >= known.from && id < known.to;
  const ask = (from: number, to: number): void => {
    const { size, expand } = crew(seen);
    const piece = Math.max(1, Math.min(LARGEST_PIECE, Math.ceil((to - from) / size / 8)));
    const batch: Batch = { from, to, piece, news: store.news() };
    coming = { batch, parts: expand(batch) };
    // Whoever waits for it hears of it; when nobody does, the search is over.
    coming.parts.catch(() => undefined);
  };

  return {
    store,
    seen,
    has,
    wants(id) {
      if (has(id)) return false;
      const left = store.count - id;
      if (coming === undefined) {
        if (id < alone || left < few) return false;
        // The other half is expanded while this one is stored.
        ask(id, id + Math.min(MOST, Math.max(few, left >> 1)));
      }
      waiting = true;
      return true;
    },
    tell(id, listener) {
      const { from, piece } = known;
      if ((id - from) % piece === 0) {
        const { records, at } = places[(id - from) / piece] as (typeof places)[number];
        reader.seek(records, at);
      }
      return reader.next(listener);
    },
    async settled() {
      // A search that pauses for another reason is not through with what it knows.
      if (coming === undefined || !waiting) return;
      waiting = false;
      const { batch, parts } = coming;
      const next: typeof places = [];
      for (const { pieces, records } of await parts)
        for (let index = 0; index < pieces.length; index += 2)
          next[pieces[index] as number] = { records, at: pieces[index + 1] as number };
      known = batch;
      places = next;
      coming = undefined;
      const left = store.count - batch.to;
      if (left >= few) ask(batch.to, batch.to + Math.min(MOST, left));
    },
  };
}
