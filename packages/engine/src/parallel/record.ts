import type { Level } from '../chooser.ts';
import type { Listener, Visitor } from '../expansion.ts';
import type { Novelty } from '../novelty.ts';
import { hashOf, type StoreView } from '../store.ts';

/**
 * What happened when states were expanded, one after the other, as numbers: a head of eight, then what it counts.
 * Successors that are stored already are told by the largest number among them. The others are told as vectors, or by
 * the place of such a vector further up, where whoever stores it leaves its number.
 */
const KIND = 0;
const TRANSITIONS = 1;
const MET = 2;
const NEW = 3;
const STUCK = 4;
const ERRORS = 5;
const TAKEN = 6;
const AGAIN = 7;
const HEAD = 8;

/** Successors that were told last are looked for in so many places. */
const RECENT = 1 << 15;

/** A state in which nothing moves; otherwise the level to which it was expanded. */
const END = 3;

/** Writes what happens when states are expanded, as their visitor. */
export interface Recorder extends Visitor {
  begin(): void;
  /** The state is done: how far it was expanded, undefined where nothing moves. */
  end(level: Level | undefined, transitions: number): void;
  /** Numbers written so far. */
  readonly length: number;
  /** Where they are. */
  readonly numbers: Int32Array;
  /** Writes from the start again, into the memory that was given. */
  reset(into: Int32Array): void;
}

/** What a recorder needs. */
export interface RecorderOptions {
  /** Says which states need no vector. */
  readonly stored: Pick<StoreView, 'find'>;
  /** Says which are to be stored all the same: as far as is known here, whoever stores them decides. */
  readonly novelty: Pick<Novelty, 'in'> | undefined;
  /** Nobody wants to know what comes after a finding. */
  readonly stopAtFirst: boolean;
  readonly allocate: (length: number) => Int32Array;
}

/** Makes a recorder. It tells of an edge once and never again. */
export function createRecorder(
  width: number,
  edgeCount: number,
  { stored, novelty, stopAtFirst, allocate }: RecorderOptions,
): Recorder {
  const told = new Uint8Array(edgeCount);
  const taken: number[] = [];
  const errors: number[] = [];
  const members: number[] = [];
  const again: number[] = [];
  const recent = new Int32Array(RECENT);
  let numbers: Int32Array = new Int32Array(0);
  let at = 0;
  let head = 0;
  let met = -1;
  let fresh = 0;

  const reserve = (more: number): void => {
    if (at + more <= numbers.length) return;
    const larger = allocate(Math.max(numbers.length * 2, at + more, 1 << 12));
    larger.set(numbers.subarray(0, at));
    numbers = larger;
  };
  const isAt = (place: number, words: Int32Array): boolean => {
    let index = 0;
    while (index < width && numbers[place + index] === words[index]) index++;
    return index === width;
  };
  const append = (list: number[]): void => {
    if (list.length === 0) return;
    for (const each of list) numbers[at++] = each;
    list.length = 0;
  };

  return {
    get length() {
      return at;
    },
    get numbers() {
      return numbers;
    },
    reset(into) {
      numbers = into;
      at = 0;
      recent.fill(-1);
    },
    begin() {
      reserve(HEAD);
      head = at;
      at += HEAD;
      met = -1;
      fresh = 0;
    },
    taken(edge) {
      if (told[edge] === 1) return;
      told[edge] = 1;
      taken.push(edge);
    },
    broken(thread, edge, fits) {
      errors.push(thread, edge, fits ? 1 : 0);
      return !stopAtFirst;
    },
    reached(words) {
      const hash = hashOf(words, 0, width);
      const place = hash & (RECENT - 1);
      const before = recent[place] as number;
      if (before >= 0 && isAt(before, words)) {
        again.push(before);
        return;
      }
      const id = stored.find(words);
      if (id >= 0 && novelty?.in(words) !== true) {
        if (id > met) met = id;
        return;
      }
      reserve(width);
      recent[place] = at;
      for (let index = 0; index < width; index++) numbers[at++] = words[index] as number;
      fresh++;
    },
    stuck(threads) {
      members.push(...threads);
      return !stopAtFirst;
    },
    end(level, transitions) {
      reserve(members.length + errors.length + taken.length + again.length);
      numbers[head + KIND] = level ?? END;
      numbers[head + TRANSITIONS] = transitions;
      numbers[head + MET] = met;
      numbers[head + NEW] = fresh;
      numbers[head + STUCK] = members.length;
      numbers[head + ERRORS] = errors.length;
      numbers[head + TAKEN] = taken.length;
      numbers[head + AGAIN] = again.length;
      append(members);
      append(errors);
      append(taken);
      append(again);
    },
  };
}

/** How far a state was expanded. */
export interface Expanded {
  /** Undefined where nothing moves. */
  readonly level: Level | undefined;
  readonly transitions: number;
}

/** Reads one record after the other. */
export interface Reader {
  /** Goes to a record. */
  seek(numbers: Int32Array, at: number): void;
  /** Tells the listener what the next record says. */
  next(listener: Listener): Expanded;
}

/** Makes a reader of vectors of a width. */
export function createReader(width: number): Reader {
  const words = new Int32Array(width);
  let numbers: Int32Array = words;
  let at = 0;
  return {
    seek(from, start) {
      numbers = from;
      at = start;
    },
    next(listener) {
      const head = at;
      const of = (field: number): number => numbers[head + field] as number;
      const vectors = head + HEAD;
      const stuck = vectors + of(NEW) * width;
      const errors = stuck + of(STUCK);
      const taken = errors + of(ERRORS);
      const again = taken + of(TAKEN);
      at = again + of(AGAIN);
      const kind = of(KIND);
      const expanded: Expanded = { level: kind === END ? undefined : (kind as Level), transitions: of(TRANSITIONS) };
      if (errors > stuck) listener.stuck([...numbers.subarray(stuck, errors)], kind === END);
      for (let each = taken; each < again; each++) listener.taken(numbers[each] as number);
      if (of(MET) >= 0) listener.met(of(MET));
      for (let each = vectors; each < stuck; each += width) {
        for (let index = 0; index < width; index++) words[index] = numbers[each + index] as number;
        numbers[each] = listener.reached(words, 0);
      }
      for (let each = again; each < at; each++) listener.met(numbers[numbers[each] as number] as number);
      for (let each = errors; each < taken; each += 3)
        listener.broken(numbers[each] as number, numbers[each + 1] as number, numbers[each + 2] === 1);
      return expanded;
    },
  };
}
