import { createMutex, createWorld, kernelFunction, lock, type Model, type Mutex, unlock } from '@faultpath/engine';

/** Takes the next lock before it gives the one before it back, from the first to the last. */
const walk = kernelFunction('walk', function* (locks: readonly Mutex[]) {
  let previous: Mutex | undefined;
  for (const next of locks) {
    yield lock(next);
    if (previous !== undefined) yield unlock(previous);
    previous = next;
  }
  if (previous !== undefined) yield unlock(previous);
  return 0;
});

/** Threads walk a row of mutexes hand over hand. `inverted`: the last thread walks the other way, which deadlocks. */
export function handOverHand(
  threads: number,
  length: number,
  options: { inverted?: boolean; once?: boolean } = {},
): Model {
  const world = createWorld();
  const locks = Array.from({ length }, (_, index) => createMutex(world, `lock${index}`));
  return {
    name: 'hand over hand',
    world,
    threads: Array.from({ length: threads }, (_, index) => ({
      name: `walker${index}`,
      start: walk(options.inverted === true && index === threads - 1 ? [...locks].reverse() : locks),
      repeat: options.once !== true,
    })),
  };
}
