import type { FaultpathEvent, LockEvent } from '@faultpath/lockdep';
import { type ReadOptions, type ReadSummary, readTrace } from '../read.ts';
import type { RawRecord } from '../record.ts';
import type { TraceSource } from '../text/source.ts';
import { PieceWriter, type Write } from './write-events.ts';

/** Slices that were begun, by task; what the recording never ends is ended with it. */
interface TaskTrack {
  readonly pid: number;
  readonly open: string[];
  readonly locks: Map<string, { readonly id: number; readonly name: string }>;
}

/** A wake-up whose arrow has not arrived yet. */
interface WakeUp {
  readonly pid: number;
  readonly ts: number;
}

/** Wake-ups whose target has not run yet; more than this many tasks never wait at once. */
const MAX_FLOWS = 4096;

/**
 * Writes a recording as Chrome's JSON, which Perfetto shows: a track per task with its faults, scopes and reclaim, its
 * lock holds beside it, allocations as marks, and an arrow from who wakes to who is woken (where `sched_waking` was
 * recorded).
 * @throws TraceError as `readTrace`
 */
export async function writePerfetto(source: TraceSource, options: ReadOptions, write: Write): Promise<ReadSummary> {
  const out = new PieceWriter(write);
  const tracks = new PerfettoTracks(out);
  out.add('{"displayTimeUnit":"ns","traceEvents":[\n');
  const summary = await readTrace(source, options, {
    event: (event) => tracks.event(event),
    record: (record) => tracks.record(record),
    records: ['sched_waking', 'sched_switch'],
  });
  tracks.end();
  out.add('\n]}\n');
  out.flush();
  return summary;
}

class PerfettoTracks {
  private readonly tasks = new Map<string, TaskTrack>();
  private readonly wakeUps = new Map<number, WakeUp>();
  /** Time of the newest event of each track: on a damaged recording time may go back, and slices would no longer nest. */
  private readonly last = new Map<number, number>();
  private readonly out: PieceWriter;
  private nextId = 1;
  private first = true;

  constructor(out: PieceWriter) {
    this.out = out;
  }

  event(event: FaultpathEvent): void {
    if (event.type === 'lost') {
      this.emit({ ph: 'i', name: 'events lost', ts: microseconds(event.where?.timestamp), pid: 0, tid: 0, s: 'g' });
      return;
    }
    const track = this.trackOf(event.task);
    const ts = this.timeOn(track.pid, event.where?.timestamp);
    const args = { where: event.where, ...(event.backtrace === undefined ? {} : { backtrace: event.backtrace }) };
    switch (event.type) {
      case 'lock':
        this.lock(track, event, ts, args);
        break;
      case 'alloc':
        this.emit({
          ph: 'i',
          s: 't',
          name: `alloc ${event.site}`,
          ts,
          ...on(track),
          args: { ...args, requested: event.requested.text, effective: event.effective.text, how: event.effective.how },
        });
        break;
      case 'scope':
        this.slice(track, event.action === 'enter', event.scope, ts, args);
        break;
      case 'reclaim':
        this.slice(track, event.action === 'enter', `reclaim (${event.via})`, ts, {
          ...args,
          mask: event.effective.text,
        });
        break;
      case 'fault':
        this.slice(track, event.action === 'enter', 'fault', ts, { ...args, kind: event.detail, ret: event.ret });
        break;
      default:
        break;
    }
  }

  /** Wake-ups are no events of ours, but the arrows need them. Only one that arrives is drawn. */
  record(record: RawRecord): void {
    if (record.name === 'sched_waking') {
      const target = record.getNumber('pid');
      if (target === undefined || (this.wakeUps.size >= MAX_FLOWS && !this.wakeUps.has(target))) return;
      const ts = this.timeOn(record.pid, record.timestamp);
      this.wakeUps.set(target, { pid: record.pid, ts });
      this.mark(record.pid, `wakes ${target}`, ts);
      return;
    }
    const next = record.getNumber('next_pid') ?? switchedTo(record.format());
    const from = next === undefined ? undefined : this.wakeUps.get(next);
    if (next === undefined || from === undefined) return;
    this.wakeUps.delete(next);
    const ts = Math.max(from.ts, this.timeOn(next, record.timestamp));
    this.last.set(next, ts);
    this.mark(next, 'runs', ts);
    const arrow = { cat: 'wake', name: 'wake', id: this.nextId++ };
    this.emit({ ph: 's', ...arrow, ts: from.ts, pid: from.pid, tid: from.pid });
    this.emit({ ph: 'f', bp: 'e', ...arrow, ts, pid: next, tid: next });
  }

  end(): void {
    for (const track of this.tasks.values()) {
      const ts = this.last.get(track.pid) ?? 0;
      for (const lock of track.locks.values()) this.holdEnd(track, lock, ts);
      while (track.open.length > 0) this.close(track, ts);
    }
  }

  private timeOn(pid: number, timestamp: string | undefined): number {
    const before = this.last.get(pid) ?? 0;
    const ts = timestamp === undefined ? before : Math.max(before, microseconds(timestamp));
    this.last.set(pid, ts);
    return ts;
  }

  /** An arrow needs a slice to stand on; one without length nests in whatever is open. */
  private mark(pid: number, name: string, ts: number): void {
    this.emit({ ph: 'X', name, ts, dur: 0, pid, tid: pid });
  }

  private lock(track: TaskTrack, event: LockEvent, ts: number, args: object): void {
    const key = `${event.lock} ${event.instance}`;
    const held = track.locks.get(key);
    if (event.action === 'release') {
      if (held === undefined) return;
      track.locks.delete(key);
      this.holdEnd(track, held, ts);
      return;
    }
    if (event.action !== 'acquired') return;
    if (held !== undefined) this.holdEnd(track, held, ts);
    const name = event.mode === 'exclusive' ? event.lock : `${event.lock} (shared)`;
    const lock = { id: this.nextId++, name };
    track.locks.set(key, lock);
    this.emit({ ph: 'b', cat: 'lock', ...lock, ts, ...on(track), args: { ...args, instance: event.instance } });
  }

  private holdEnd(track: TaskTrack, lock: { readonly id: number; readonly name: string }, ts: number): void {
    this.emit({ ph: 'e', cat: 'lock', ...lock, ts, ...on(track) });
  }

  /** Slices of one track must nest; an end without its beginning is left out. */
  private slice(track: TaskTrack, enter: boolean, name: string, ts: number, args: object): void {
    if (enter) {
      track.open.push(name);
      this.emit({ ph: 'B', name, ts, ...on(track), args });
      return;
    }
    if (!track.open.includes(name)) return;
    while (track.open.at(-1) !== name) this.close(track, ts);
    this.close(track, ts, args);
  }

  private close(track: TaskTrack, ts: number, args: object = {}): void {
    track.open.pop();
    this.emit({ ph: 'E', ts, ...on(track), args });
  }

  private trackOf(task: string): TaskTrack {
    const known = this.tasks.get(task);
    if (known !== undefined) return known;
    const digits = /-(\d+)$/.exec(task);
    const pid = digits === null ? 1_000_000_000 + this.tasks.size : Number(digits[1]);
    const track: TaskTrack = { pid, open: [], locks: new Map() };
    this.tasks.set(task, track);
    for (const name of ['process_name', 'thread_name']) {
      this.emit({ ph: 'M', name, ...on(track), args: { name: task } });
    }
    return track;
  }

  private emit(event: object): void {
    this.out.add(`${this.first ? '' : ',\n'}${JSON.stringify(event)}`);
    this.first = false;
  }
}

const on = (track: TaskTrack): { pid: number; tid: number } => ({ pid: track.pid, tid: track.pid });

/** Chrome's unit; a nanosecond is kept as a fraction. */
function microseconds(timestamp: string | undefined): number {
  const value = Number(timestamp ?? 0);
  return Number.isFinite(value) ? Math.round(value * 1e9) / 1e3 : 0;
}

/** `trace-cmd report` prints a switch as `prev:pid [prio] S ==> next:pid [prio]`. */
function switchedTo(text: string): number | undefined {
  const match = /==> .{1,32}?:(\d+) \[/.exec(text);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}
