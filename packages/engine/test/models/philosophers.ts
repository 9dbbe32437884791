import { createMutex, createWorld, kernelFunction, lock, type Model, type Mutex, unlock } from '@faultpath/engine';

/** Takes two forks, the one before the other, eats, and puts them down the other way round. */
const eat = kernelFunction('eat', function* (first: Mutex, second: Mutex) {
  yield lock(first);
  yield lock(second);
  yield unlock(second);
  yield unlock(first);
  return 0;
});

/** Dining philosophers, left fork first. `ordered`: the last one takes the right one first, so that nothing deadlocks. */
export function philosophers(count: number, options: { ordered?: boolean; once?: boolean } = {}): Model {
  const world = createWorld();
  const forks = Array.from({ length: count }, (_, index) => createMutex(world, `fork${index}`));
  return {
    name: 'philosophers',
    world,
    threads: forks.map((fork, index) => {
      const right = forks[(index + 1) % count] as Mutex;
      const swapped = options.ordered === true && index === count - 1;
      return {
        name: `philosopher${index}`,
        start: swapped ? eat(right, fork) : eat(fork, right),
        repeat: options.once !== true,
      };
    }),
  };
}
