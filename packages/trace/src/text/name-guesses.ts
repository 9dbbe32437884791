import type { TextEvent } from './name-table.ts';

const SLOTS = 4096;
/** So many bytes from a name's start say which one it probably is: many begin with the same words. */
const LOOKED_AT = 20;

/** Which name stands at a place, told by the first bytes there and then held against all of it. */
export class NameGuesses {
  readonly #events: (TextEvent | undefined)[] = new Array<TextEvent | undefined>(SLOTS).fill(undefined);

  /** The name that stands at `at` with a colon behind it; undefined when it is another one than last time. */
  at(view: DataView, at: number): TextEvent | undefined {
    if (at + LOOKED_AT > view.byteLength) return undefined;
    const event = this.#events[slotAt(view, at)];
    return event?.pattern.standsAt(view, at, view.byteLength) === true ? event : undefined;
  }

  /** The name that was found there in another way. */
  learn(view: DataView, at: number, event: TextEvent): void {
    if (at + LOOKED_AT <= view.byteLength) this.#events[slotAt(view, at)] = event;
  }
}

function slotAt(view: DataView, at: number): number {
  let hash = 0;
  for (let from = at; from < at + LOOKED_AT; from += 4) hash = Math.imul(hash ^ view.getInt32(from, true), 668_265_263);
  return (hash ^ (hash >>> 16) ^ (hash >>> 8)) & (SLOTS - 1);
}
