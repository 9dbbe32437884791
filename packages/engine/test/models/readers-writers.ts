import {
  createRwLock,
  createWorld,
  kernelFunction,
  type Model,
  type RwLock,
  readLock,
  readUnlock,
  writeLock,
  writeUnlock,
} from '@faultpath/engine';

const reader = kernelFunction('reader', function* (rw: RwLock) {
  yield readLock(rw);
  yield readUnlock(rw);
  return 0;
});

const writer = kernelFunction('writer', function* (rw: RwLock) {
  yield writeLock(rw);
  yield writeUnlock(rw);
  return 0;
});

/** Reads while it reads: harmless as long as no writer can come between. */
const nestedReader = kernelFunction('nested_reader', function* (rw: RwLock) {
  yield readLock(rw);
  yield* reader(rw);
  yield readUnlock(rw);
  return 0;
});

/** Readers and writers of one lock, each for ever. */
export function readersWriters(
  readers: number,
  writers: number,
  options: { fair: boolean; nested?: boolean; once?: boolean },
): Model {
  const world = createWorld();
  const rw = createRwLock(world, 'rw', { tasks: 2 * readers + writers, fair: options.fair });
  const repeat = options.once !== true;
  return {
    name: 'readers and writers',
    world,
    threads: [
      ...Array.from({ length: readers }, (_, index) => ({
        name: `reader${index}`,
        start: options.nested === true ? nestedReader(rw) : reader(rw),
        repeat,
      })),
      ...Array.from({ length: writers }, (_, index) => ({ name: `writer${index}`, start: writer(rw), repeat })),
    ],
  };
}
