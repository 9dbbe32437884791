import { compileSystem, type ExploreOptions, exploreSystem, type Model } from '@faultpath/engine';
import { boundedBuffer } from '../../../packages/engine/test/models/buffer.ts';
import { handOverHand } from '../../../packages/engine/test/models/hand-over-hand.ts';
import { philosophers } from '../../../packages/engine/test/models/philosophers.ts';
import { reclaimModel } from '../../../packages/engine/test/models/reclaim.ts';

/** One exploration in a process of its own, so that its time and memory are its own: prints one line of JSON. */
const models: Readonly<Record<string, (parameters: never) => Model>> = {
  reclaim: (parameters: Parameters<typeof reclaimModel>[0]) => reclaimModel(parameters),
  philosophers: ({ count, ordered }: { count: number; ordered: boolean }) => philosophers(count, { ordered }),
  buffer: ({ pairs, size }: { pairs: number; size: number }) => boundedBuffer(pairs, size),
  locks: ({ threads, length }: { threads: number; length: number }) => handOverHand(threads, length),
};

const [name = '', parameters = '{}', options = '{}'] = process.argv.slice(2);
const make = models[name];
if (make === undefined) throw new Error(`there is no model ${name}`);
const before = process.cpuUsage();
const system = compileSystem(make(JSON.parse(parameters) as never));
const { states, transitions, verdict, bytes, deadlocks } = exploreSystem(system, JSON.parse(options) as ExploreOptions);
const { user, system: kernel } = process.cpuUsage(before);
const steps = deadlocks[0]?.witness.moves.length;
console.log(
  JSON.stringify({
    states,
    transitions,
    verdict,
    bytes,
    steps,
    searchCpu: (user + kernel) / 1e6,
    resident: process.resourceUsage().maxRSS * 1024,
  }),
);
