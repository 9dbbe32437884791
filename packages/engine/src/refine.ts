import { createSequences, type Sequences } from './sequences.ts';

/** States to tell apart, by number, as what each leads to. */
export interface Graph {
  /** Per state: label and target of each edge, in turn. */
  readonly edges: readonly Int32Array[];
  /** Per state: states with an edge to it. */
  readonly before: readonly (readonly number[])[];
  /** Neither the order of edges tells states apart, nor how many are alike. */
  readonly anyOrder?: boolean;
}

/**
 * The coarsest classes that refine `initial` and in which all members have the same edges into the same classes.
 * After a class was split only states before the smaller parts are looked at again, so that a long chain costs no more
 * than a short one for each of its states.
 */
export function refine({ edges, before, anyOrder = false }: Graph, initial: readonly number[]): readonly number[] {
  const classOf = Int32Array.from(initial);
  const members = new Map<number, number[]>();
  for (const [state, id] of classOf.entries()) {
    const known = members.get(id);
    if (known === undefined) members.set(id, [state]);
    else known.push(state);
  }
  let fresh = Math.max(-1, ...members.keys()) + 1;
  const keys = createSequences();
  const keyOf = new Int32Array(edges.length);
  const isOpen = new Uint8Array(edges.length).fill(1);
  let open = [...edges.keys()];

  while (open.length > 0) {
    const touched = new Set<number>();
    for (const state of open) {
      isOpen[state] = 0;
      keyOf[state] = (anyOrder ? keyOfSet : keyOfList)(edges[state] as Int32Array, classOf, keys);
      touched.add(classOf[state] as number);
    }
    open = [];
    // Classes change only after all keys were made: a key is good until a target's class changes.
    for (const id of touched) {
      const parts = partsOf(members.get(id) as number[], keyOf);
      if (parts.length === 1) continue;
      const largest = parts.reduce((most, part) => (part.length > most.length ? part : most));
      members.set(id, largest);
      for (const part of parts) {
        if (part === largest) continue;
        members.set(fresh, part);
        for (const state of part) classOf[state] = fresh;
        fresh++;
        for (const state of part)
          for (const other of before[state] as readonly number[]) {
            if (isOpen[other] === 1) continue;
            isOpen[other] = 1;
            open.push(other);
          }
      }
    }
  }
  return [...classOf];
}

function keyOfList(edges: Int32Array, classOf: Int32Array, keys: Sequences): number {
  let key = 0;
  for (let at = 0; at < edges.length; at += 2)
    key = keys.step(keys.step(key, edges[at] as number), classOf[edges[at + 1] as number] as number);
  return key;
}

function keyOfSet(edges: Int32Array, classOf: Int32Array, keys: Sequences): number {
  if (edges.length <= 2) return keyOfList(edges, classOf, keys);
  const ways: number[] = [];
  for (let at = 0; at < edges.length; at += 2)
    ways.push(keys.step(keys.step(0, edges[at] as number), classOf[edges[at + 1] as number] as number));
  ways.sort((left, right) => left - right);
  // One edge alone is its own set.
  let key = ways[0] as number;
  for (let at = 1; at < ways.length; at++)
    if (ways[at] !== ways[at - 1]) key = keys.step(key, -1 - (ways[at] as number));
  return key;
}

function partsOf(members: readonly number[], keyOf: Int32Array): number[][] {
  const parts = new Map<number, number[]>();
  for (const state of members) {
    const key = keyOf[state] as number;
    const part = parts.get(key);
    if (part === undefined) parts.set(key, [state]);
    else part.push(state);
  }
  return [...parts.values()];
}

/** Numbers texts in the order in which they come. */
export function numberOf(numbers: Map<string, number>, text: string): number {
  let number = numbers.get(text);
  if (number === undefined) {
    number = numbers.size;
    numbers.set(text, number);
  }
  return number;
}
