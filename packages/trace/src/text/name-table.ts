import { EventName } from '../event-name.ts';
import { BytePattern } from './byte-pattern.ts';

/** Names are few and repeat for ever, so each is made once; the bound keeps garbage from filling memory. */
const MAX_NAMES = 4096;

/** Where a field stood in the last line of its event. */
interface Hint {
  /** From the start of the event's text. */
  offset: number;
}

/** An event's name, with what was learned of its lines. */
export class TextEvent extends EventName {
  /** Where fields stood in the last line of this event, by their names' numbers. */
  readonly hints: (Hint | undefined)[] = [];
  /** The name with its colon as it stands in a line; names of one or two letters are not looked for so. */
  readonly pattern: BytePattern | undefined;
  /** A backtrace follows such a line. */
  readonly stack: 'none' | 'kernel' | 'user';

  constructor(name: string, wanted: boolean) {
    super(name, wanted);
    this.pattern = name.length < 3 ? undefined : new BytePattern(`${name}:`);
    this.stack = name === 'kernel_stack' ? 'kernel' : name === 'user_stack' ? 'user' : 'none';
  }
}

const SLOTS = 16_384;

/** Interns event names without making a string per line. */
export class NameTable {
  readonly kernelStack = new TextEvent('kernel_stack', true);
  readonly userStack = new TextEvent('user_stack', true);
  readonly function = new TextEvent('function', true);
  private readonly slots: (TextEvent | undefined)[] = new Array<TextEvent | undefined>(SLOTS).fill(undefined);
  private size = 0;
  private readonly wants: (name: string) => boolean;

  constructor(wants: (name: string) => boolean) {
    this.wants = wants;
  }

  /** The name at `start` of length `length`, whose running hash is `hash`. */
  at(chunk: string, start: number, length: number, hash: number): TextEvent {
    let slot = hash & (SLOTS - 1);
    for (let info = this.slots[slot]; info !== undefined; info = this.slots[slot]) {
      if (info.name.length === length && chunk.startsWith(info.name, start)) return info;
      slot = (slot + 1) & (SLOTS - 1);
    }
    // A copy: a slice would keep the whole chunk alive.
    const name = Buffer.from(chunk.slice(start, start + length), 'latin1').toString('latin1');
    const info = new TextEvent(name, this.wants(name));
    if (this.size < MAX_NAMES) {
      this.size += 1;
      this.slots[slot] = info;
    }
    return info;
  }
}
