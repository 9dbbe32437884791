import type { FaultpathEvent } from '@faultpath/lockdep';
import { type AllocView, asEvent, type LockView } from './views.ts';

/** An event about which later records of the same task may still say more, such as its backtrace. */
export interface Draft {
  readonly event: AllocView | LockView;
  /** How many more records of the task are waited for. */
  left: number;
  open: boolean;
  /** Number of the record, or line, that made it; set by the queue. */
  since?: number;
}

/** After so many records or lines of any task a draft is taken as it is, and events behind it wait no longer. */
const MAX_AGE = 16_384;

/** Keeps events in file order while the newest of them may still be completed. */
export class EventQueue {
  private readonly waiting: FaultpathEvent[] = [];
  /** For each waiting event its draft, where it is one. */
  private readonly drafts: (Draft | undefined)[] = [];
  private head = 0;
  /** Number of the record, or line, that is being looked at. */
  now = 0;
  private readonly deliver: (event: FaultpathEvent) => void;

  constructor(deliver: (event: FaultpathEvent) => void) {
    this.deliver = deliver;
  }

  get isEmpty(): boolean {
    return this.waiting.length === 0;
  }

  push(event: FaultpathEvent): void {
    if (this.waiting.length === 0) this.deliver(event);
    else this.wait(event, undefined);
  }

  pushDraft(draft: Draft): void {
    draft.since = this.now;
    this.wait(asEvent(draft.event), draft);
  }

  isOld(draft: Draft): boolean {
    return this.now - (draft.since ?? this.now) > MAX_AGE;
  }

  close(draft: Draft): void {
    if (!draft.open) return;
    draft.open = false;
    if (this.drafts[this.head] === draft) this.flush();
  }

  end(): void {
    for (let at = this.head; at < this.drafts.length; at += 1) {
      const draft = this.drafts[at];
      if (draft !== undefined) draft.open = false;
    }
    this.flush();
  }

  private wait(event: FaultpathEvent, draft: Draft | undefined): void {
    this.waiting.push(event);
    this.drafts.push(draft);
    const oldest = this.drafts[this.head];
    if (oldest === undefined || !this.isOld(oldest)) return;
    oldest.open = false;
    this.flush();
  }

  private flush(): void {
    const { waiting, drafts } = this;
    while (this.head < waiting.length) {
      if (drafts[this.head]?.open === true) break;
      this.deliver(waiting[this.head] as FaultpathEvent);
      this.head += 1;
    }
    if (this.head === waiting.length) {
      waiting.length = 0;
      drafts.length = 0;
      this.head = 0;
    } else if (this.head > 1024) {
      waiting.splice(0, this.head);
      drafts.splice(0, this.head);
      this.head = 0;
    }
  }
}
