import type { Automorphism } from './automorphism.ts';
import type { FlatSystem } from './flat-system.ts';
import { type Field, readField, writeField } from './layout.ts';

/** Something that was done to a state to make it canonical, in the order in which it was done. */
export type Renamed =
  /** Interchangeable threads were sorted: per position, the position that its thread came from. */
  { readonly order: readonly number[] } | { readonly by: Automorphism };

/**
 * Puts one state in the place of all that differ in names only. A state may be left with more than one
 * representative, which costs states and nothing else; it never gets one that is not its like.
 */
export interface Canonicaliser {
  /**
   * Changes `words`. `log`, if given, is told how. `marks` has a bit for each thread that is marked, and comes back as
   * the threads are called now; of threads that stand at the same place the marked ones are the last.
   */
  canonicalise(words: Int32Array, log?: Renamed[], marks?: number): number;
}

/** Makes a canonicaliser; undefined when nothing in the system can be interchanged, or symmetry is off. */
export function createCanonicaliser(system: FlatSystem, on: boolean): Canonicaliser | undefined {
  if (!on) return undefined;
  const { layout, symmetric } = system;
  const elements = system.automorphisms().map((by) => compile(system, by));
  if (symmetric.length === 0 && elements.length === 0) return undefined;
  const candidate = new Int32Array(layout.words);

  const sort = (words: Int32Array, log: Renamed[] | undefined, marks: number): number => {
    if (log !== undefined) log.push({ order: orderOf(system, words) });
    let left = marks;
    for (const group of symmetric) left = sortGroup(group, layout.threads, words, left);
    return left;
  };

  /** Is the state smaller under its new names? Shared cells count first, as they tell most states apart. */
  const smaller = ({ cells, threads }: Element, words: Int32Array): boolean => {
    for (const { from, to, table } of cells) {
      const value = readField(from, words);
      const difference = (table === undefined ? value : (table[value] as number)) - readField(to, words);
      if (difference !== 0) return difference < 0;
    }
    if (!changes(threads, words)) return false;
    rename(words, cells, threads);
    for (const group of symmetric) sortGroup(group, layout.threads, candidate, 0);
    for (const field of layout.threads) {
      const difference = readField(field, candidate) - readField(field, words);
      if (difference !== 0) return difference < 0;
    }
    return false;
  };

  const rename = (words: Int32Array, ...parts: readonly (readonly Replacement[])[]): void => {
    candidate.set(words);
    for (const part of parts)
      for (const { from, to, table } of part) {
        const value = readField(from, words);
        writeField(to, candidate, table === undefined ? value : (table[value] as number));
      }
  };

  return {
    canonicalise(words, log, marks = 0) {
      let left = sort(words, log, marks);
      for (let index = 0; index < elements.length; index++) {
        const element = elements[index] as Element;
        if (!smaller(element, words)) continue;
        log?.push({ by: element.by });
        rename(words, element.cells, element.threads);
        words.set(candidate);
        left = sort(words, log, left === 0 ? 0 : moveMarks(left, element.by));
        index = -1;
      }
      return left;
    },
  };
}

/** What a field becomes: the value of another, renamed. */
interface Replacement {
  readonly from: Field;
  readonly to: Field;
  readonly table: Int32Array | undefined;
}

interface Element {
  readonly by: Automorphism;
  readonly cells: readonly Replacement[];
  readonly threads: readonly Replacement[];
}

function compile({ layout, automatonOf }: FlatSystem, by: Automorphism): Element {
  const replacements = (
    fields: readonly Field[],
    to: Int32Array,
    tableOf: (id: number) => Int32Array | undefined,
  ): Replacement[] =>
    fields
      .map((from, id) => ({ place: to[id] as number, from, to: fields[to[id] as number] as Field, table: tableOf(id) }))
      .filter(({ from, to: target, table }) => from !== target || table?.some((value, index) => value !== index))
      .sort((left, right) => left.place - right.place);
  return {
    by,
    cells: replacements(layout.cells, by.cells, (cell) => by.values[cell]),
    threads: replacements(layout.threads, by.threads, (thread) => by.states[automatonOf[thread] as number]),
  };
}

/** The state that an automorphism takes a state to. */
export function renamedState(system: FlatSystem, by: Automorphism, words: Int32Array): Int32Array {
  const { cells, threads } = compile(system, by);
  const result = words.slice();
  for (const { from, to, table } of [...cells, ...threads]) {
    const value = readField(from, words);
    writeField(to, result, table === undefined ? value : (table[value] as number));
  }
  return result;
}

function changes(threads: readonly Replacement[], words: Int32Array): boolean {
  for (const { from, to, table } of threads) {
    const value = readField(from, words);
    if ((table === undefined ? value : table[value]) !== readField(to, words)) return true;
  }
  return false;
}

function moveMarks(marks: number, { threads }: Automorphism): number {
  let moved = 0;
  for (const [from, to] of threads.entries()) if ((marks >>> from) & 1) moved |= 1 << to;
  return moved;
}

/** Puts the control states of interchangeable threads in order, marks with them. Gives the marks. */
function sortGroup(group: readonly number[], fields: readonly Field[], words: Int32Array, marks: number): number {
  let left = marks;
  for (let i = 1; i < group.length; i++) {
    const from = group[i] as number;
    const value = readField(fields[from] as Field, words);
    const mark = (left >>> from) & 1;
    let j = i - 1;
    for (; j >= 0; j--) {
      const place = group[j] as number;
      const other = readField(fields[place] as Field, words);
      if (other < value || (other === value && ((left >>> place) & 1) <= mark)) break;
      const to = group[j + 1] as number;
      writeField(fields[to] as Field, words, other);
      if (marks !== 0) left = (left & ~(1 << to)) | (((left >>> place) & 1) << to);
    }
    const to = group[j + 1] as number;
    writeField(fields[to] as Field, words, value);
    if (marks !== 0) left = (left & ~(1 << to)) | (mark << to);
  }
  return left;
}

/** Per position after sorting the interchangeable threads: the position it was taken from. */
function orderOf({ automatonOf, layout, symmetric }: FlatSystem, words: Int32Array): number[] {
  const order = automatonOf.map((_, thread) => thread);
  const control = (thread: number): number => readField(layout.threads[thread] as Field, words);
  for (const group of symmetric) {
    const members = [...group].sort((left, right) => control(left) - control(right) || left - right);
    for (const [index, position] of group.entries()) order[position] = members[index] as number;
  }
  return order;
}
