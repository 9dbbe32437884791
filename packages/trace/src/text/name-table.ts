import { EventName } from '../event-name.ts';
import { BytePattern } from './byte-pattern.ts';

/** Names are few and repeat for ever, so each is made once; the bound keeps garbage from filling memory. */
const MAX_NAMES = 4096;

/** An event's name, with what was learned of its lines. */
export class TextEvent extends EventName {
  /** Where fields stood in the last line of this event, from the start of its text, by their names' numbers. */
  readonly hints: number[] = [];
  /** The name with its colon as it stands in a line. */
  readonly pattern: BytePattern;
  /** A backtrace follows such a line. */
  readonly stack: 'none' | 'kernel' | 'user';

  constructor(name: string, wanted: boolean) {
    super(name, wanted);
    this.pattern = new BytePattern(`${name}:`);
    this.stack = name === 'kernel_stack' ? 'kernel' : name === 'user_stack' ? 'user' : 'none';
  }
}

/** One object for each event name. */
export class NameTable {
  readonly kernelStack = new TextEvent('kernel_stack', true);
  readonly userStack = new TextEvent('user_stack', true);
  readonly function = new TextEvent('function', true);
  private readonly known = new Map<string, TextEvent>();
  private readonly wants: (name: string) => boolean;

  constructor(wants: (name: string) => boolean) {
    this.wants = wants;
  }

  /** The name may be part of a longer text, which is not kept. */
  of(text: string): TextEvent {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const name = Buffer.from(text, 'latin1').toString('latin1');
    const event = new TextEvent(name, this.wants(name));
    if (this.known.size < MAX_NAMES) this.known.set(name, event);
    return event;
  }
}
