import type { System } from '@faultpath/engine';
import type { HiredCrew } from '../src/parallel/ahead.ts';
import { type Batch, createMember, type MemberOptions, type Part } from '../src/parallel/member.ts';
import { packSystem, unpackSystem } from '../src/parallel/sent-system.ts';

/** A crew whose members take turns on one thread, in an order that a seed decides. Each has a clone of the system. */
export function crewInTurns(
  system: System,
  options: MemberOptions,
  places: Uint8Array,
  size: number,
  seed: number,
  seen?: (batch: Batch, parts: readonly Part[]) => void,
): HiredCrew {
  const cursor = new Int32Array(new SharedArrayBuffer(4));
  const members = Array.from({ length: size }, () =>
    createMember(unpackSystem(structuredClone(packSystem(system, options))), options, {
      cursor,
      seen: places,
    }),
  );
  let random = seed;
  const next = (below: number): number => {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    return random % below;
  };
  return {
    size,
    expand(batch) {
      Atomics.store(cursor, 0, 0);
      for (const member of members) member.begin(batch);
      while (members[next(size)]?.step() === true);
      // Whoever has not been asked yet finds nothing left.
      for (const member of members) while (member.step());
      const parts = members.map((member) => member.end());
      seen?.(batch, parts);
      return Promise.resolve(parts);
    },
    hurry: () => undefined,
    end: () => Promise.resolve(),
  };
}
