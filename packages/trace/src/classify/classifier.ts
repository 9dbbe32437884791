import type { FaultpathEvent, Where } from '@faultpath/lockdep';
import { MaskReader } from '../masks.ts';
import type { Place } from '../place.ts';
import type { RecordSink, SourceRecord, UnreadablePiece } from '../record.ts';
import { attachStack, onPageAlloc, settleDraft } from './allocations.ts';
import { BUILTIN } from './builtin-events.ts';
import { Callers } from './callers.ts';
import { type ClassifierOptions, type ClassifierSink, noCounts } from './classifier-sink.ts';
import { type CompiledVocabulary, compileVocabularies, type EventMeaning } from './compile.ts';
import { inInterrupt, isProbe } from './context.ts';
import { type Draft, EventQueue } from './event-queue.ts';
import type { TraceFault } from './fault-record.ts';
import { beforeRecord, closeFault, mayPrecedeName, OVER, onEntry, onMark } from './faults.ts';
import { FALLBACK_KERNEL, guessKernel, isKnownRelease, type KernelGuess, mayTellKernel } from './kernel-guess.ts';
import { settleDoubtful } from './lockdep-events.ts';
import { flushAnnounced, onNamed, onPrimitive, onTryEntry } from './locks.ts';
import { type MemoryHost, RunMemory } from './memory/run-memory.ts';
import type { Route } from './route.ts';
import { onScopeEnter, onScopeExit, onScopeHandOver, onScopeRequest } from './scopes.ts';
import type { TaskState } from './task-state.ts';
import { Tasks } from './tasks.ts';
import { asEvent, type LockView, type View } from './views.ts';

/** A recording has some thousands of event names at most. */
const MAX_ROUTES = 8192;

/** Pieces of a damaged file are described up to this number, and counted beyond it. */
const MAX_DESCRIBED = 20;

/** Callers, objects and classes kept as one copy each. */
const MAX_INTERNED = 65_536;

/** Turns records of any reader into events, by the vocabularies. */
export class Classifier implements RecordSink, MemoryHost {
  readonly counts = noCounts();
  readonly described: UnreadablePiece[] = [];
  /** Where the first of those began that were given up. */
  readonly givenUp: UnreadablePiece[] = [];
  /** Classes that are only their caller's name. */
  readonly unknownClasses = new Set<string>();
  /** Filesystems that an event named without being their own. */
  readonly filesystems = new Set<string>();
  /** Bare addresses from which a fault was seen to take `mmap_lock`. */
  readonly faultEntries = new Set<string>();
  readonly vocabulary: CompiledVocabulary;
  readonly masks: MaskReader;
  kernel: KernelGuess;
  /** Locking probes were seen: named locks wait for theirs. */
  primitivesSeen = false;
  /** `lock_acquire` was seen: the kernel has lockdep, and each lock is named there. */
  lockdepSeen = false;
  stacksSeen = false;
  /** Names of events that a converted recording had. */
  readonly alsoSeen = new Set<string>();
  /** Events were seen that name a lock when it is asked for, and when it has been dropped. */
  namedAcquireSeen = false;
  namedReleaseSeen = false;
  /** Smallest preemption depth of lockdep's events outside interrupts: what tracing itself adds to them. */
  baseDepth = 9;

  private readonly routes = new Map<string, Route>();
  readonly callers = new Callers();
  private readonly interned = new Map<string, string>();
  private readonly tasks = new Tasks(() => this.leaveAll());
  private readonly queue: EventQueue;
  private readonly sink: ClassifierSink;
  private readonly file: string | undefined;
  private readonly passedOn: ReadonlySet<string>;
  private guessing: boolean;
  private kernelsUsed = 0;
  private memory: RunMemory | undefined;

  constructor(options: ClassifierOptions, sink: ClassifierSink) {
    this.vocabulary = compileVocabularies(options.vocabularies);
    this.kernel =
      options.kernel === undefined ? FALLBACK_KERNEL : { release: options.kernel, because: 'given by the caller' };
    this.guessing = options.kernel === undefined;
    this.masks = new MaskReader(this.kernel.release);
    this.file = options.file;
    this.sink = sink;
    this.passedOn = new Set(sink.records ?? []);
    this.queue = new EventQueue((event) => sink.event(event));
    if (sink.repeats !== undefined && sink.record === undefined) {
      this.memory = new RunMemory(this);
      sink.repeats.tell(this.memory);
    }
  }

  /** Whether records of this name mean anything here. */
  wants(name: string): boolean {
    return (
      this.passedOn.has(name) ||
      name === 'kernel_stack' ||
      BUILTIN[name] !== undefined ||
      this.vocabulary.events.has(name)
    );
  }

  record(record: SourceRecord): void {
    this.counts.records += 1;
    const route = record.event.route ?? this.routeOf(record);
    route.passedOn?.(record);
    if (route.isStack) {
      this.stacksSeen = true;
      if (record.stack !== undefined) {
        const task = this.tasks.find(record);
        if (task !== undefined) {
          this.memory?.leave(task);
          this.comeTo(task, record);
          attachStack(this, task, record.stack);
        }
      }
      return;
    }
    const { meaning, builtin } = route;
    if (meaning === undefined && builtin === undefined) {
      this.counts.unknown += 1;
      return;
    }
    if (inInterrupt(record)) {
      this.counts.interrupts += 1;
      return;
    }
    route.seen = true;
    const task = this.tasks.of(record);
    if (!route.read) this.readRoute(route);
    if (this.memory === undefined) this.judge(task, record, route);
    else this.memory.record(task, record, route);
  }

  /** What one record means, whatever any memory knows. */
  judge(task: TaskState, record: SourceRecord, route: Route): void {
    const { meaning, builtin } = route;
    this.comeTo(task, record);
    if (task.doubtful.length > 0 && !route.isProbe) settleDoubtful(this, task, record);
    if (task.fault !== undefined) beforeRecord(this, task, record, route);
    if (builtin !== undefined) {
      builtin(this, task, record);
      if (task.draft !== undefined && builtin !== onPageAlloc) settleDraft(this, task, record);
      return;
    }
    if (task.draft !== undefined) settleDraft(this, task, record);
    if (meaning !== undefined) this.apply(task, record, meaning);
  }

  /** Every event has been handed on. */
  get settled(): boolean {
    return this.queue.isEmpty;
  }

  isIdle(task: string): boolean {
    return this.sink.repeats?.isIdle(task) === true;
  }

  /** Changes whenever records will be read in another way than before. */
  get reading(): number {
    const seen = Number(this.primitivesSeen) + 2 * Number(this.namedAcquireSeen) + 4 * Number(this.namedReleaseSeen);
    return seen + 8 * (this.faultEntries.size + this.kernelsUsed);
  }

  /** Whether a record of this name may change that. */
  mayTeach({ name, meaning }: Route): boolean {
    const { primitive, named } = meaning ?? {};
    if (primitive !== undefined) return !this.primitivesSeen || primitive.rule.action === 'taken';
    if (named?.primitive === 'follows') return !this.namedAcquireSeen;
    if (named?.primitive === 'precedes') return !this.namedReleaseSeen;
    return this.guessing && mayTellKernel(name);
  }

  /** Kernels with lockdep name each lock in a text of its own, and what a task does next tells spinlocks from mutexes. */
  private readRoute(route: Route): void {
    const { memory } = this;
    if (memory === undefined) route.read = true;
    else if (route.name === 'lock_acquire' || route.name === 'lock_release') {
      this.leaveAll();
      this.memory = undefined;
    } else if (!(this.guessing && mayTellKernel(route.name))) {
      route.reads = memory.readsOf(route);
      route.read = true;
    }
  }

  private leaveAll(): void {
    if (this.memory === undefined) return;
    this.memory.settle();
    for (const task of this.tasks.all()) this.memory.leave(task);
  }

  /** What was read before can't be come back to. */
  forgetting(): void {
    this.memory?.settle();
  }

  release(release: string): void {
    if (!this.guessing || !isKnownRelease(release)) return;
    this.memory?.settle();
    this.kernelsUsed += 1;
    this.guessing = false;
    this.kernel = { release, because: 'the recording names it' };
    this.masks.useKernel(release);
    this.memory?.forget();
  }

  skipped(): void {
    this.counts.records += 1;
    this.counts.unknown += 1;
  }

  /** Names of known events that occurred; says what a recording can tell. */
  get seen(): ReadonlySet<string> {
    return new Set([...this.routes].flatMap(([name, route]) => (route.seen ? [name] : [])).concat(...this.alsoSeen));
  }

  hasSeen(name: string): boolean {
    return this.routes.get(name)?.seen === true;
  }

  routeOf({ event }: SourceRecord): Route {
    const { name } = event;
    const route = event.route ?? this.routes.get(name) ?? this.makeRoute(name);
    event.route = route;
    return route;
  }

  private makeRoute(name: string): Route {
    const meaning = this.vocabulary.events.get(name);
    const route: Route = {
      name,
      meaning,
      builtin: meaning === undefined ? BUILTIN[name] : undefined,
      isStack: name === 'kernel_stack',
      passedOn: this.passedOn.has(name) ? (record) => this.sink.record?.(record) : undefined,
      endsFault: OVER.has(name),
      precedesName: mayPrecedeName(name, meaning),
      isProbe: isProbe(meaning),
      isDrop: meaning?.primitive?.rule.action === 'drop' || name === 'lock_release',
      reads: undefined,
      read: false,
      seen: false,
    };
    if (this.routes.size < MAX_ROUTES) this.routes.set(name, route);
    return route;
  }

  lost(where: { cpu?: number; line?: number; record?: number; count?: number }): void {
    this.counts.lost += where.count ?? 1;
    const { count, ...rest } = where;
    this.leaveAll();
    // Which tasks lost events is not known: any of them may have run on that CPU.
    for (const task of this.tasks.all()) {
      if (task.fault !== undefined) closeFault(this, task, false);
      task.forget();
    }
    this.counts.events += 1;
    this.queue.push({
      type: 'lost',
      task: '*',
      where: this.file === undefined ? rest : { file: this.file, ...rest },
      ...(count === undefined ? {} : { count }),
    });
  }

  unreadable(piece: UnreadablePiece): void {
    this.counts.unreadable += 1;
    this.memory?.news();
    if (this.described.length < MAX_DESCRIBED) this.described.push(piece);
  }

  /** What began there never ends: `what` was taken or entered by the task, which has too many of them by now. */
  giveUp(task: TaskState, what: string, { line, record }: Where): void {
    this.counts.givenUp += 1;
    this.memory?.news();
    if (this.givenUp.length >= MAX_DESCRIBED) return;
    const at = line === undefined ? { record: record ?? 0 } : { line };
    this.givenUp.push({ ...at, reason: `${task.name} never ends ${what}, as far as is recorded` });
  }

  /** After the last record. */
  end(): void {
    this.leaveAll();
    for (const task of this.tasks.all()) {
      flushAnnounced(this, task);
      if (task.fault !== undefined) closeFault(this, task, task.fault.maybeOver);
    }
    this.queue.end();
  }

  whereOf(record: SourceRecord): Place {
    return record.place(this.file);
  }

  emitView(task: TaskState, view: View): void {
    this.emit(task, asEvent(view));
  }

  emit(task: TaskState, event: FaultpathEvent): void {
    if (task.fault !== undefined) {
      if (task.reclaim.length > 0 && event.type === 'lock' && event.action === 'acquired') {
        task.fault.reclaims.at(-1)?.took.add(event.lock);
      }
      this.keep(task, event);
    }
    this.counts.events += 1;
    this.queue.push(event);
  }

  emitDraft(task: TaskState, draft: Draft): void {
    if (task.draft !== undefined) this.queue.close(task.draft);
    task.draft = draft;
    if (task.fault !== undefined) this.keep(task, asEvent(draft.event));
    this.counts.events += 1;
    this.queue.pushDraft(draft);
  }

  closeDraft(task: TaskState): void {
    const { draft } = task;
    if (draft === undefined) return;
    task.draft = undefined;
    this.queue.close(draft);
  }

  /** A draft that has waited too long depends on what other tasks did meanwhile, so it is no run's own. */
  private comeTo(task: TaskState, record: SourceRecord): void {
    this.queue.now = record.line ?? record.record ?? 0;
    if (task.draft === undefined || !this.queue.isOld(task.draft)) return;
    this.memory?.news();
    this.closeDraft(task);
  }

  /** The hold of any task on a lock, by its address. */
  holderOf(address: string, same: (left: string, right: string) => boolean): LockView | undefined {
    this.memory?.settle();
    for (const { held } of this.tasks.all()) {
      for (const lock of held) if (same(lock.instance, address)) return lock;
    }
    return undefined;
  }

  wantsFault(fs: string | undefined): boolean {
    const { sink } = this;
    if (sink.fault === undefined || (fs === undefined && sink.namedFaults === true)) return false;
    return sink.moreFaults?.() ?? true;
  }

  deliverFault(fault: TraceFault): void {
    this.memory?.news();
    this.sink.fault?.(fault);
  }

  learnKernel(record: SourceRecord): void {
    if (!this.guessing) return;
    const guess = guessKernel(record);
    if (guess === undefined) return;
    this.guessing = record.name !== 'kmem_cache_alloc';
    if (guess.release !== this.kernel.release) this.kernelsUsed += 1;
    this.kernel = guess;
    this.masks.useKernel(guess.release);
  }

  /** One copy of a text that was cut out of the file, so that keeping it doesn't keep its chunk. */
  intern(text: string): string {
    const known = this.interned.get(text);
    if (known !== undefined) return known;
    const copy = ` ${text}`.slice(1);
    // Addresses come and go; starting again is cheaper than knowing which are still in use.
    if (this.interned.size >= MAX_INTERNED) this.interned.clear();
    this.interned.set(copy, copy);
    return copy;
  }

  private keep(task: TaskState, event: FaultpathEvent): void {
    const { fault } = task;
    if (fault === undefined) return;
    if (fault.events.length < MAX_FAULT_EVENTS) fault.events.push(event);
    else fault.dropped += 1;
  }

  private apply(task: TaskState, record: SourceRecord, meaning: EventMeaning): void {
    if (meaning.tryEntry !== undefined) {
      onTryEntry(this, task, record, meaning.tryEntry.field);
      return;
    }
    if (meaning.primitive !== undefined) {
      this.primitivesSeen = true;
      onPrimitive(this, task, record, meaning.primitive);
      return;
    }
    if (task.announced.length > 0) flushAnnounced(this, task);
    if (meaning.fs !== undefined) onMark(task, meaning.fs);
    if (meaning.named !== undefined) onNamed(this, task, record, meaning.named);
    if (meaning.scopeRequest !== undefined) onScopeRequest(task, record);
    if (meaning.handOver !== undefined) onScopeHandOver(task, record, meaning.handOver);
    if (meaning.scopeEnter !== undefined) onScopeEnter(this, task, record, meaning.scopeEnter);
    if (meaning.scopeExit !== undefined) onScopeExit(this, task, record, meaning.scopeExit);
    if (meaning.entry !== undefined) onEntry(this, task, record, meaning.entry);
  }
}

/** One fault with more events than this is no fault but a damaged file; the rest is counted. */
const MAX_FAULT_EVENTS = 20_000;
