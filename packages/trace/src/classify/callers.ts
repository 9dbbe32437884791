import { symbolName } from '../record.ts';
import { Word } from '../word.ts';
import type { LockShape } from './views.ts';

/** Who called a locking function. */
export interface Caller {
  /** Whose it is: a word may have been seen by another reading. */
  readonly of: Callers;
  /** Empty where a return probe's trampoline hides it. */
  readonly symbol: string;
  /** The symbol is a bare address, or hidden. */
  readonly bare: boolean;
  readonly backtrace: readonly string[] | undefined;
  /** The locks it takes by the number of the taking function, where nothing else matters. */
  readonly shapes: (LockShape | undefined)[];
}

/** A damaged recording may name any number of them. */
const MAX_CALLERS = 65_536;

const NONE = /* @__PURE__ */ new Word('');

/** What the texts of callers say, each worked out once. */
export class Callers {
  private readonly known = new Map<string, Caller>();

  of(word = NONE): Caller {
    const known = word.caller;
    if (known !== undefined && known.of === this) return known;
    const caller = this.known.get(word.text) ?? this.learn(word.text);
    word.caller = caller;
    return caller;
  }

  private learn(text: string): Caller {
    const hidden = text === '' || /trampoline/.test(text);
    const symbol = hidden ? '' : symbolName(text);
    const caller: Caller = {
      of: this,
      symbol,
      bare: hidden || /^(0x)?[0-9a-f]{8,16}$/.test(symbol),
      backtrace: hidden ? undefined : [symbol],
      shapes: [],
    };
    if (this.known.size < MAX_CALLERS) this.known.set(text, caller);
    return caller;
  }
}
