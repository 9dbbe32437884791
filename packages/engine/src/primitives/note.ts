import { type Op, op } from '../op.ts';

/** Something that happened, for whoever reads the events; no step of its own, nobody else can see it. */
export function note(name: string, event: unknown): Op {
  return op(name, [{ when: [], does: [], result: 0, event }]);
}
