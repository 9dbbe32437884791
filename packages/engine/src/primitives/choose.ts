import { EngineError } from '../errors.ts';
import { type Op, op } from '../op.ts';

/** Any of `count` outcomes, 0 to `count - 1`; every one is explored. Throws `ENGINE_BAD_OP` for none. */
export function choose(count: number, what = 'choose'): Op {
  if (!Number.isInteger(count) || count < 1)
    throw new EngineError('ENGINE_BAD_OP', what, 'there is nothing to choose from');
  return op(
    what,
    Array.from({ length: count }, (_, result) => ({ when: [], does: [], result })),
  );
}
