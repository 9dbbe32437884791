import { isMainThread } from 'node:worker_threads';
import {
  compileSystem,
  type ExploreOptions,
  exploreSystem,
  exportSystem,
  type Model,
  type System,
} from '@faultpath/engine';
import { exploreTogether } from '../../../packages/engine/src/explore-parallel.ts';
import type { HiredCrew } from '../../../packages/engine/src/parallel/ahead.ts';
import { startThreads } from '../../../packages/engine/src/parallel/threads.ts';
import { boundedBuffer } from '../../../packages/engine/test/models/buffer.ts';
import { handOverHand } from '../../../packages/engine/test/models/hand-over-hand.ts';
import { peterson } from '../../../packages/engine/test/models/peterson.ts';
import { philosophers } from '../../../packages/engine/test/models/philosophers.ts';
import { reclaimModel } from '../../../packages/engine/test/models/reclaim.ts';

interface Given extends ExploreOptions {
  /** On several threads, which load this file again. */
  readonly workers?: number;
}

/**
 * One exploration in a process of its own, so that its time and memory are its own: prints one line of JSON. With
 * `promela` for options the model as SPIN reads it.
 */
const models: Readonly<Record<string, (parameters: never) => Model>> = {
  reclaim: (parameters: Parameters<typeof reclaimModel>[0]) => reclaimModel(parameters),
  philosophers: ({ count, ordered }: { count: number; ordered: boolean }) => philosophers(count, { ordered }),
  'filter lock': ({ count }: { count: number }) => peterson(count),
  buffer: ({ pairs, size }: { pairs: number; size: number }) => boundedBuffer(pairs, size),
  locks: ({ threads, length }: { threads: number; length: number }) => handOverHand(threads, length),
};

if (isMainThread) await main();

async function main(): Promise<void> {
  const [name = '', parameters = '{}', options = '{}'] = process.argv.slice(2);
  const make = models[name];
  if (make === undefined) throw new Error(`there is no model ${name}`);
  const before = process.cpuUsage();
  const system = compileSystem(make(JSON.parse(parameters) as never));
  if (options === 'promela') for (const piece of exportSystem(system, 'promela')) process.stdout.write(piece);
  else console.log(JSON.stringify(await figures(system, JSON.parse(options) as Given, before)));
}

async function figures(system: System, { workers, ...given }: Given, before: NodeJS.CpuUsage): Promise<object> {
  const began = performance.now();
  const shares = { all: 0, busiest: 0 };
  const exploration =
    workers === undefined
      ? exploreSystem(system, given)
      : await exploreTogether(system, given, (chosen, seen) =>
          counted(startThreads(system, chosen, seen, workers), shares),
        );
  const { states, transitions, verdict, bytes, deadlocks } = exploration;
  const wall = (performance.now() - began) / 1000;
  const { user, system: kernel } = process.cpuUsage(before);
  return {
    states,
    transitions,
    verdict,
    bytes,
    deadlocks: deadlocks.length,
    steps: deadlocks[0]?.witness.moves.length,
    wall,
    // Had every thread a core of its own, and whoever stores no work: how many times as fast.
    balance: shares.all / shares.busiest,
    searchCpu: (user + kernel) / 1e6,
    resident: process.resourceUsage().maxRSS * 1024,
  };
}

/** Counts the pieces that all threads have taken, and those of the busiest in each batch. */
function counted(crew: HiredCrew, shares: { all: number; busiest: number }): HiredCrew {
  return {
    ...crew,
    async expand(batch) {
      const parts = await crew.expand(batch);
      const pieces = parts.map((part) => part.pieces.length);
      shares.all += pieces.reduce((sum, each) => sum + each, 0);
      shares.busiest += Math.max(...pieces);
      return parts;
    },
  };
}
