import type { Exploration } from '@faultpath/engine';

/** All that can be told of an exploration; its witnesses are what people see of the order in which states came. */
export function told(exploration: Exploration): object {
  const { verdict, states, transitions, exhausted, deadlocks, errors, bytes } = exploration;
  return {
    verdict,
    states,
    transitions,
    exhausted,
    bytes,
    deadlocks: deadlocks.map(({ partial, witness }) => ({ partial, schedule: witness.schedule })),
    errors: errors.map(({ code, message, witness }) => ({ code, message, schedule: witness.schedule })),
    taken: [...exploration.taken()].map((step) => step.schedule().schedule),
  };
}
