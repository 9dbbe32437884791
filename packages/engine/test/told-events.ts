import type { Exploration } from '@faultpath/engine';

/** Every text that is told in some of the steps, each once and in order. */
export function toldEvents(steps: ReturnType<Exploration['walk']>): readonly string[] {
  const events = [...steps].flatMap(({ edge }) => [edge.alternative, ...edge.passed].map(({ event }) => event));
  return [...new Set(events)].filter((event) => typeof event === 'string').sort();
}
