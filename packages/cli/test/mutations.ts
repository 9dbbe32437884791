import type { AllocEvent, FaultpathEvent, MaskFact } from '@faultpath/lockdep';

/** The events that one record of the kernel made: mutated together, as a recording that differs would. */
export type Unit = readonly FaultpathEvent[];

export const mutationKinds = ['swap', 'drop', 'duplicate', 'mask', 'move'] as const;
export type MutationKind = (typeof mutationKinds)[number];

export interface Mutant {
  readonly kind: MutationKind;
  /** What was mutated, for example `alloc pte_alloc_one`. */
  readonly what: string;
  readonly events: readonly FaultpathEvent[];
}

/** A small seeded generator (mulberry32): the same mutants on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Groups the events of a fault by the record that they come from. */
export function unitsOf(events: readonly FaultpathEvent[]): readonly Unit[] {
  const units: FaultpathEvent[][] = [];
  for (const event of events) {
    const last = units.at(-1);
    if (last?.[0] !== undefined && last[0].where?.line === event.where?.line && event.type !== 'fault')
      last.push(event);
    else units.push([event]);
  }
  return units;
}

/** A lock that sleeps, a scope, a transaction, or an allocation that may sleep. */
function counts(unit: Unit): boolean {
  return unit.some(
    (event) =>
      (event.type === 'lock' &&
        event.kind !== 'spinlock' &&
        (event.action === 'acquired' || event.action === 'release')) ||
      event.type === 'scope' ||
      (event.type === 'alloc' && event.effective.directReclaim === true),
  );
}

/** What a reader of the recording sees of a unit, without where it stands. */
const look = (unit: Unit): string => JSON.stringify(unit.map(({ where: _, ...rest }) => rest));

const flags = ['__GFP_FS', '__GFP_IO', '__GFP_DIRECT_RECLAIM', '__GFP_NOFAIL', '__GFP_ZERO', '__GFP_ACCOUNT'] as const;

/** Turns one flag round, in what was asked for or, where only that is known, in what came of it. */
function turn(event: AllocEvent, flag: (typeof flags)[number], masks: MaskReader): AllocEvent {
  const change = (fact: MaskFact): MaskFact => {
    if (fact.text === undefined) return fact;
    return masks(fact, flag);
  };
  return { ...event, requested: change(event.requested), effective: change(event.effective) };
}

/** Gives a mask with one flag turned round. */
export type MaskReader = (fact: MaskFact, flag: string) => MaskFact;

/** One random mutation of the units that count; `undefined` where it would change nothing that can be seen. */
export function mutate(events: readonly FaultpathEvent[], random: () => number, masks: MaskReader): Mutant | undefined {
  const units = [...unitsOf(events)];
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const candidates = units.flatMap((unit, index) => (counts(unit) ? [index] : []));
  const kind = pick(mutationKinds);
  const index = pick(candidates);
  const unit = units[index] as Unit;
  const before = units.map(look).join('\n');
  switch (kind) {
    case 'drop':
      units.splice(index, 1);
      break;
    case 'duplicate':
      units.splice(index, 0, unit);
      break;
    case 'swap': {
      const next = candidates[candidates.indexOf(index) + 1];
      if (next === undefined) return undefined;
      [units[index], units[next]] = [units[next] as Unit, unit];
      break;
    }
    case 'move': {
      const to = pick(candidates);
      units.splice(index, 1);
      units.splice(to, 0, unit);
      break;
    }
    case 'mask': {
      const [event] = unit;
      if (event?.type !== 'alloc') return undefined;
      units[index] = [turn(event, pick(flags), masks)];
      break;
    }
  }
  if (units.map(look).join('\n') === before) return undefined;
  return { kind, what: nameOf(unit), events: units.flat() };
}

function nameOf([event]: Unit): string {
  switch (event?.type) {
    case 'lock':
      return `${event.action === 'release' ? '-' : '+'}${event.lock}`;
    case 'scope':
      return `${event.action} ${event.scope}`;
    case 'alloc':
      return `alloc ${event.site}`;
    default:
      return 'nothing';
  }
}
