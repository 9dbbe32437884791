import type { FaultEvent, FaultpathEvent } from '@faultpath/lockdep';
import type { TraceFault } from '../classify/fault-record.ts';

interface Open {
  readonly enter: FaultEvent;
  readonly events: FaultpathEvent[];
  exit?: FaultEvent;
}

const MAX_EVENTS = 20_000;
const MAX_OPEN = 65_536;

/** Puts faults together again from events alone, for files of the first schema. */
export class FaultAssembler {
  private readonly open = new Map<string, Open>();
  private readonly filesystems: readonly string[];
  private readonly deliver: (fault: TraceFault) => void;

  constructor(filesystems: readonly string[], deliver: (fault: TraceFault) => void) {
    this.filesystems = filesystems;
    this.deliver = deliver;
  }

  event(event: FaultpathEvent): void {
    if (event.type === 'lost') {
      this.end();
      return;
    }
    const open = this.open.get(event.task);
    if (open?.exit !== undefined) {
      // The fault entry drops the lock after the handler has returned; that still belongs to the fault.
      const drops = event.type === 'lock' && event.action === 'release' && event.lock === 'mmap_lock';
      if (drops) open.events.push(event);
      this.close(event.task, open, true);
      if (drops) return;
    }
    if (event.type === 'fault' && event.action === 'enter') {
      const other = this.open.get(event.task);
      if (other !== undefined) this.close(event.task, other, false);
      if (this.open.size < MAX_OPEN) this.open.set(event.task, { enter: event, events: [event] });
      return;
    }
    const current = this.open.get(event.task);
    if (current === undefined) return;
    if (current.events.length < MAX_EVENTS) current.events.push(event);
    if (event.type === 'fault') current.exit = event;
  }

  end(): void {
    for (const [task, open] of [...this.open]) this.close(task, open, open.exit !== undefined);
  }

  private close(task: string, open: Open, complete: boolean): void {
    this.open.delete(task);
    const { enter, exit, events } = open;
    const words = (exit?.detail ?? '').split(' ');
    const known = this.filesystems.includes(words[0] ?? '');
    this.deliver({
      task,
      ...(known ? { fs: words[0] as string } : {}),
      kind: (known ? words.slice(1) : words).join(' ') || `unknown ${enter.access}`,
      access: exit?.access ?? enter.access,
      ...(exit?.ret === undefined ? {} : { ret: exit.ret }),
      where: enter.where ?? {},
      events,
      reclaims: [],
      dropped: 0,
      complete,
    });
  }
}
