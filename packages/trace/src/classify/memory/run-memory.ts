import type { TaskList, Watch } from '@faultpath/lockdep';
import type { SourceRecord } from '../../record.ts';
import { type FieldName, fieldName } from '../../word.ts';
import type { Route } from '../route.ts';
import type { TaskState } from '../task-state.ts';
import { type Reads, readsOf } from './reads.ts';
import { Rests } from './rests.ts';
import { RunLog } from './run-log.ts';
import { StepTable } from './step-table.ts';
import { SymbolTable } from './symbol-table.ts';
import { ASTRAY, type KnownRun, type RunCounts, type TaskRun } from './task-run.ts';
import { ABSENT, Tokens } from './tokens.ts';

/** What the memory needs of the classifier and of who judges its events. */
export interface MemoryHost {
  readonly counts: RunCounts;
  /** Changes when records will be read in another way than before. */
  readonly reading: number;
  /** Whether a record of this route may change it. */
  mayTeach(route: Route): boolean;
  /** All events of what was judged so far have been handed on. */
  readonly settled: boolean;
  /** Judges one record. */
  judge(task: TaskState, record: SourceRecord, route: Route): void;
  routeOf(record: SourceRecord): Route;
  wantsFault(fs: string | undefined): boolean;
  /** The judge knows of nothing that the task of this name holds or is inside of. */
  isIdle(task: string): boolean;
}

const ADDRESS = /* @__PURE__ */ fieldName('address');
const FLAGS = /* @__PURE__ */ fieldName('flags');
/** A fault that runs under the lock of its VMA, which is named by the fault's address. */
const FAULT_FLAG_VMA_LOCK = 0x1000;

/** In place of a number that has no 32 bits. */
const NOT_SMALL = -0x8000_0000;

/** Runs that get longer are not learned. */
const MAX_PATH = 4096;
/** Beyond so many nodes everything is forgotten, and learned again. */
const MAX_NODES = 131_072;
/** Objects beyond these are told apart by what they are, and no longer by when they came. */
const MAX_SLOTS = 24;

/**
 * Repeats runs of tasks from memory. A run begins and ends where its task holds nothing and is inside of nothing. While a
 * task's records follow a run that is known, each is some steps from number to number, and nothing is judged: such a run had
 * no news when it was learned, so it changes nothing but some counts. A record that no known run has sends the task astray:
 * what was walked over is judged after all, and what follows too, until the task rests again.
 */
export class RunMemory implements Watch {
  readonly #host: MemoryHost;
  /** Records as numbers: what was read of one, step by step. */
  readonly #symbols = new SymbolTable();
  /** Runs: a record, and the next. */
  readonly #table = new StepTable(Rests.MAX);
  readonly #log = new RunLog();
  readonly #tokens = new Tokens();
  readonly #rests = new Rests();
  /** By node: the run that ends there. */
  #ends: (KnownRun | undefined)[] = [];
  /** Tasks with records that were not judged; some of them have none any more. */
  #open: TaskState[] = [];
  /** Tasks of which part of a run has been judged, by name. */
  readonly #learning = new Map<string, TaskRun>();
  /** The reader's one record. */
  #record: SourceRecord | undefined;
  #codes = 0;
  #news = 1;
  #age = 1;
  #vmaLocks = false;

  constructor(host: MemoryHost) {
    this.#host = host;
  }

  news(): void {
    this.#news += 1;
  }

  noted(task: string, list: TaskList): void {
    this.#learning.get(task)?.lists.add(list);
  }

  /** What the records of a name are known by. */
  readsOf(route: Route): Reads | undefined {
    this.#codes += 1;
    return readsOf(route, this.#codes);
  }

  /** Takes a record that some vocabulary knows. */
  record(task: TaskState, record: SourceRecord, route: Route): void {
    const { run } = task;
    const { reads } = route;
    if (run.age !== this.#age) this.#refresh(run);
    const readable = reads !== undefined && record.savable;
    if (run.node !== ASTRAY && readable) {
      const node = this.#table.find(run.node, this.#symbol(run, record, reads));
      if (node !== ASTRAY) {
        this.#pass(task, record, node);
        return;
      }
    }
    this.#judge(task, record, route, readable ? reads : undefined);
  }

  /** Judges all that was walked over: the records can't be come back to any more, or somebody looks at other tasks. */
  settle(): void {
    const open = this.#open;
    if (open.length === 0) return;
    this.#open = [];
    for (const task of open) {
      task.run.listed = false;
      this.#replay(task);
    }
    this.#log.clear();
  }

  /** The task's state is needed as it is, and is changed by something that no run has. */
  leave(task: TaskState): void {
    const { run } = task;
    this.#enter(task);
    this.#replay(task);
    run.node = ASTRAY;
    this.#unlearn(task);
  }

  /** Records will be read in another way from now on, or there are too many of them. */
  forget(): void {
    this.settle();
    this.#table.clear();
    this.#symbols.clear();
    this.#ends = [];
    this.#age += 1;
    if (this.#tokens.full) this.#tokens.clear();
  }

  #refresh(run: TaskRun): void {
    run.age = this.#age;
    run.from = 0;
    run.slotsUsed = 0;
    // The resting places are the same nodes as before.
    if (run.inside) run.node = ASTRAY;
  }

  /** Reads a record as a number. */
  #symbol(run: TaskRun, record: SourceRecord, reads: Reads): number {
    const symbols = this.#symbols;
    const tokens = this.#tokens;
    const { words, numbers, slots, text } = reads;
    symbols.begin(reads.code);
    for (let at = 0; at < words.length; at += 1) symbols.add(record.token(words[at] as FieldName, tokens));
    for (let at = 0; at < numbers.length; at += 1) this.#addNumber(record.number(numbers[at] as FieldName));
    for (let at = 0; at < slots.length; at += 1) {
      symbols.add(this.#slotOf(run, record.token(slots[at] as FieldName, tokens)));
    }
    if (reads.address && this.#vmaLocks) symbols.add(this.#slotOf(run, record.token(ADDRESS, tokens)));
    if (text !== undefined) symbols.add(tokens.ofText(text(record)));
    return symbols.end();
  }

  /** What is no small number must not be mistaken for one. */
  #addNumber(value: number | undefined): void {
    const symbols = this.#symbols;
    if (value !== undefined && (value | 0) === value && value !== NOT_SMALL) symbols.add(value);
    else {
      symbols.add(NOT_SMALL);
      symbols.add(this.#tokens.ofText(value === undefined ? '' : String(value)));
    }
  }

  /** A number for which object of this run it is; for an object that is known by its name, its name's. */
  #slotOf(run: TaskRun, token: number): number {
    if (!this.#tokens.isPlain(token)) return token;
    const { slots, slotsUsed } = run;
    for (let at = 0; at < slotsUsed; at += 1) if (slots[at] === token) return ABSENT - 1 - at;
    if (slotsUsed >= MAX_SLOTS) return token;
    slots[slotsUsed] = token;
    run.slotsUsed = slotsUsed + 1;
    return ABSENT - 1 - slotsUsed;
  }

  /** A record that the run goes on with. */
  #pass(task: TaskState, record: SourceRecord, node: number): void {
    const { run } = task;
    this.#record = record;
    if (this.#log.isFull) this.settle();
    run.node = node;
    if (!run.listed) {
      run.listed = true;
      this.#open.push(task);
    }
    this.#log.add(run.logged, record);
    const end = this.#ends[node];
    if (end === undefined) return;
    // Of what a second task does the judge keeps where it did so: it is told once.
    const second = end.lists.length > 0 && end.task !== task.name;
    if (second) end.lists = [];
    if (run.inside || second) {
      this.#replay(task);
      this.#unlearn(task);
      run.stateAt = end.rest;
    } else {
      run.logged.clear();
      this.#repeat(end);
    }
    this.#rest(run, end.rest);
  }

  #repeat(end: KnownRun): void {
    const { counts } = this.#host;
    counts.events += end.events;
    counts.unmatchedReleases += end.unmatchedReleases;
    counts.unknownTrylocks += end.unknownTrylocks;
  }

  #rest(run: TaskRun, rest: number): void {
    run.node = rest;
    run.rest = rest;
    run.inside = false;
    run.from = 0;
    run.slotsUsed = 0;
  }

  /** Judges a record that no known run has at this place. */
  #judge(task: TaskState, record: SourceRecord, route: Route, reads: Reads | undefined): void {
    const { run } = task;
    const host = this.#host;
    this.#record = record;
    this.#enter(task);
    this.#replay(task);
    if (host.mayTeach(route)) this.settle();
    if (this.#isFull || this.#meetsVmaLock(record, reads)) {
      this.forget();
      this.#refresh(run);
    }
    if (run.node !== ASTRAY) {
      run.from = run.node;
      run.path.length = 0;
      run.node = ASTRAY;
    }
    if (run.from !== 0) {
      if (reads === undefined || run.path.length > MAX_PATH) this.#unlearn(task);
      else run.path.push(this.#symbol(run, record, reads));
    }
    const { reading } = host;
    this.#judgeCounted(task, record, route);
    if (host.reading !== reading) {
      this.forget();
      this.#refresh(run);
    }
    if (!host.settled) return;
    const rest = this.#rests.of(task, (fs) => host.wantsFault(fs));
    if (rest === 0 || !host.isIdle(task.name)) return;
    if (run.from !== 0 && run.news === this.#news) this.#learn(task, rest);
    this.#unlearn(task);
    run.stateAt = rest;
    this.#rest(run, rest);
  }

  get #isFull(): boolean {
    return this.#tokens.full || this.#table.nodes > MAX_NODES || this.#symbols.symbols > MAX_NODES;
  }

  #meetsVmaLock(record: SourceRecord, reads: Reads | undefined): boolean {
    if (this.#vmaLocks || reads === undefined || !reads.address) return false;
    this.#vmaLocks = ((record.number(FLAGS) ?? 0) & FAULT_FLAG_VMA_LOCK) !== 0;
    return this.#vmaLocks;
  }

  #judgeCounted(task: TaskState, record: SourceRecord, route: Route): void {
    const { counts } = this.#host;
    const mine = task.run.counts;
    const { events, unmatchedReleases, unknownTrylocks } = counts;
    this.#host.judge(task, record, route);
    mine.events += counts.events - events;
    mine.unmatchedReleases += counts.unmatchedReleases - unmatchedReleases;
    mine.unknownTrylocks += counts.unknownTrylocks - unknownTrylocks;
  }

  /** Before the first record of a run is judged: the classifier's state is brought to where the run began. */
  #enter(task: TaskState): void {
    const { run } = task;
    if (run.inside) return;
    run.inside = true;
    if (run.stateAt !== run.rest) this.#rests.move(task, run.rest);
    run.news = this.#host.settled ? this.#news : 0;
    run.counts.events = 0;
    run.counts.unmatchedReleases = 0;
    run.counts.unknownTrylocks = 0;
    run.lists.clear();
    this.#learning.set(task.name, run);
  }

  /** Judges what was walked over. */
  #replay(task: TaskState): void {
    const { logged } = task.run;
    const record = this.#record;
    if (logged.isEmpty || record === undefined) return;
    this.#enter(task);
    this.#log.forEach(logged, record, (each) => this.#judgeCounted(task, each, this.#host.routeOf(each)));
    logged.clear();
  }

  #learn(task: TaskState, rest: number): void {
    const { run } = task;
    const table = this.#table;
    let node = run.from;
    for (const symbol of run.path) node = table.step(node, symbol);
    while (this.#ends.length <= node) this.#ends.push(undefined);
    this.#ends[node] = { ...run.counts, rest, lists: [...run.lists], task: task.name };
  }

  #unlearn(task: TaskState): void {
    task.run.from = 0;
    task.run.lists.clear();
    this.#learning.delete(task.name);
  }
}
