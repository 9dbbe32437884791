import type { FaultpathEvent } from '@faultpath/lockdep';
import type { TraceFault } from '../classify/fault-record.ts';

/**
 * What a reading found out about a fault beside its events: one line of an event file, written when the fault is over.
 * Its events are those of its task from its `fault` event on, as many as `events` says; the last of them may stand behind
 * this line.
 */
export type FaultFacts = Omit<TraceFault, 'events'> & { readonly type: 'fault-facts'; readonly events: number };

/** The line for a fault. */
export function factsOfFault({ events, ...fault }: TraceFault): FaultFacts {
  return { type: 'fault-facts', ...fault, events: events.length };
}

/** A fault whose events, or whose facts, are not all there yet. */
interface Pending {
  readonly events: FaultpathEvent[];
  facts?: FaultFacts;
  /** The file shows that nothing more will come. */
  ended: boolean;
}

/** As many events of a fault are kept as a reading of the recording keeps. */
const MAX_EVENTS = 20_000;
/** More tasks are never in a fault at once, but in a damaged file. */
const MAX_PENDING = 65_536;

/** Puts events and facts together again, and hands the faults on in the order of their facts. */
export class FaultJoiner {
  /** By task: the fault that its events belong to. */
  private readonly current = new Map<string, Pending>();
  /** By task: facts that came before the fault's first event. */
  private readonly early = new Map<string, Pending[]>();
  /** Faults with facts, oldest first. */
  private order: Pending[] = [];
  private readonly deliver: (fault: TraceFault) => void;

  constructor(deliver: (fault: TraceFault) => void) {
    this.deliver = deliver;
  }

  event(event: FaultpathEvent): void {
    if (event.type === 'fault' && event.action === 'enter') this.begin(event.task);
    const pending = this.current.get(event.task);
    if (pending === undefined) return;
    if (pending.events.length < MAX_EVENTS) pending.events.push(event);
    this.settle(event.task, pending);
  }

  facts(facts: FaultFacts): void {
    const { task } = facts;
    const pending = this.current.get(task);
    if (pending !== undefined && pending.facts === undefined) {
      pending.facts = facts;
      this.order.push(pending);
      this.settle(task, pending);
      return;
    }
    const early: Pending = { events: [], facts, ended: false };
    const list = this.early.get(task);
    if (list !== undefined) list.push(early);
    else if (this.early.size < MAX_PENDING) this.early.set(task, [early]);
    else return;
    this.order.push(early);
  }

  /** After the last line. */
  end(): void {
    for (const pending of this.order) pending.ended = true;
    this.flush();
  }

  private begin(task: string): void {
    const before = this.current.get(task);
    if (before !== undefined) before.ended = true;
    const pending = this.early.get(task)?.shift() ?? { events: [], ended: false };
    if (before !== undefined || this.current.size < MAX_PENDING) this.current.set(task, pending);
    this.flush();
  }

  private settle(task: string, pending: Pending): void {
    const { facts, events } = pending;
    if (facts === undefined || events.length < facts.events) return;
    pending.ended = true;
    this.current.delete(task);
    this.flush();
  }

  private flush(): void {
    let done = 0;
    for (const { ended, facts, events } of this.order) {
      if (!ended || facts === undefined) break;
      done += 1;
      const { type: _, events: promised, ...fault } = facts;
      this.deliver({ ...fault, events, complete: fault.complete && events.length === promised });
    }
    if (done > 0) this.order = this.order.slice(done);
  }
}
