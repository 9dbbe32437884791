import { compileSystem, type ExploreOptions, exploreSystem, exportSystem, type Model } from '@faultpath/engine';
import { boundedBuffer } from '../../../packages/engine/test/models/buffer.ts';
import { handOverHand } from '../../../packages/engine/test/models/hand-over-hand.ts';
import { peterson } from '../../../packages/engine/test/models/peterson.ts';
import { philosophers } from '../../../packages/engine/test/models/philosophers.ts';
import { reclaimModel } from '../../../packages/engine/test/models/reclaim.ts';

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

const [name = '', parameters = '{}', options = '{}'] = process.argv.slice(2);
const make = models[name];
if (make === undefined) throw new Error(`there is no model ${name}`);
const before = process.cpuUsage();
const system = compileSystem(make(JSON.parse(parameters) as never));
if (options === 'promela') for (const piece of exportSystem(system, 'promela')) process.stdout.write(piece);
else console.log(JSON.stringify(figures(JSON.parse(options) as ExploreOptions)));

function figures(given: ExploreOptions): object {
  const { states, transitions, verdict, bytes, deadlocks } = exploreSystem(system, given);
  const { user, system: kernel } = process.cpuUsage(before);
  return {
    states,
    transitions,
    verdict,
    bytes,
    deadlocks: deadlocks.length,
    steps: deadlocks[0]?.witness.moves.length,
    searchCpu: (user + kernel) / 1e6,
    resident: process.resourceUsage().maxRSS * 1024,
  };
}
