import type { FaultpathEvent } from '@faultpath/lockdep';

/** An event about which later records of the same task may still say more, such as its backtrace. */
export interface Draft {
  readonly event: FaultpathEvent;
  /** How many more records of the task are waited for. */
  left: number;
  open: boolean;
}

/** More than this is never held back; then the oldest draft is taken as it is. */
const MAX_HELD_BACK = 4096;

/** Keeps events in file order while the newest of them may still be completed. */
export class EventQueue {
  private readonly waiting: (FaultpathEvent | Draft)[] = [];
  private head = 0;
  private readonly deliver: (event: FaultpathEvent) => void;

  constructor(deliver: (event: FaultpathEvent) => void) {
    this.deliver = deliver;
  }

  push(event: FaultpathEvent): void {
    if (this.waiting.length === 0) {
      this.deliver(event);
      return;
    }
    this.waiting.push(event);
    if (this.waiting.length - this.head > MAX_HELD_BACK) this.closeOldest();
  }

  pushDraft(draft: Draft): void {
    this.waiting.push(draft);
    if (this.waiting.length - this.head > MAX_HELD_BACK) this.closeOldest();
  }

  close(draft: Draft): void {
    if (!draft.open) return;
    draft.open = false;
    this.flush();
  }

  end(): void {
    for (let at = this.head; at < this.waiting.length; at += 1) {
      const item = this.waiting[at];
      if (item !== undefined && 'open' in item) item.open = false;
    }
    this.flush();
  }

  private closeOldest(): void {
    const oldest = this.waiting[this.head];
    if (oldest !== undefined && 'open' in oldest) oldest.open = false;
    this.flush();
  }

  private flush(): void {
    const { waiting } = this;
    while (this.head < waiting.length) {
      const item = waiting[this.head] as FaultpathEvent | Draft;
      if ('open' in item) {
        if (item.open) break;
        this.deliver(item.event);
      } else {
        this.deliver(item);
      }
      this.head += 1;
    }
    if (this.head === waiting.length) {
      waiting.length = 0;
      this.head = 0;
    } else if (this.head > 1024) {
      waiting.splice(0, this.head);
      this.head = 0;
    }
  }
}
