// @ts-check

/** Every state and every transition, and no further look at what was found. */
export const ALL_STATES = {
  persistentSets: false,
  symmetry: false,
  bisimulation: false,
  proviso: false,
  partialDeadlocks: false,
  witnessStates: 0,
  maxStates: 1e9,
};

/** The reclaim model on two inodes, safe: states and transitions; and not: deadlock states, and steps to the nearest. */
const EXACT = [
  { tasks: 2, states: 17_788, transitions: 64_412, deadlocks: 4, steps: 24 },
  { tasks: 3, states: 206_148, transitions: 900_372, deadlocks: 18, steps: 28 },
  { tasks: 4, states: 2_971_242, transitions: 15_467_637, deadlocks: 71, steps: 30 },
];

/** @typedef {(what: string, ours: number, exact: number) => void} Check */

/**
 * Holds the counts of the unreduced search against the exact ones: a rate over a wrong count is worth nothing.
 *
 * @param {(model: string, parameters: object, options: object) => any} explore
 * @param {Check} check
 */
export function exactCounts(explore, check) {
  const options = { ...ALL_STATES, all: true };
  for (const { tasks, ...exact } of EXACT) {
    const safe = explore('reclaim', { inodes: 2, vmfOrFs: true, nofs: true, tasks }, options);
    const bug = explore('reclaim', { inodes: 2, vmfOrFs: true, tasks }, options);
    const ours = {
      states: safe.states,
      transitions: safe.transitions,
      deadlocks: bug.deadlocks,
      // Breadth first and unreduced, so the first is a shortest one.
      steps: bug.steps,
    };
    for (const [name, count] of Object.entries(exact))
      check(`${tasks} tasks: ${name}`, ours[/** @type {keyof typeof exact} */ (name)], count);
  }
}
