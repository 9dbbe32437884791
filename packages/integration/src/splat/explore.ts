import { deadlockFinding, modelErrorFinding, modelEvents } from '@faultpath/conformance';
import { compileSystem, exploreSystem } from '@faultpath/engine';
import { type AssumedEdge, ClassGraph, type Finding, TaskTracker } from '@faultpath/lockdep';
import { buildFaultModel, type EraName, type FaultCase, type Filesystem, type VictimSpec } from '@faultpath/mm';

/** A way to hang or to break an assertion, and the case that shows it. */
export interface Shown {
  readonly title: string;
  readonly finding: Finding;
}

/** What a few small cases of one adapter came to. */
export interface Explored {
  /** Every dependency that any of them made. */
  readonly graph: ClassGraph;
  readonly states: number;
  /** All of them were searched to the end. */
  readonly exhausted: boolean;
  /** What was tried, in words. */
  readonly bounds: string;
  readonly shown: readonly Shown[];
  readonly titles: readonly string[];
}

/** How to explore. */
export interface ExploreSetting {
  readonly fs: Filesystem;
  readonly era: EraName;
  readonly declared: readonly AssumedEdge[];
  readonly allocationFailure: boolean;
  readonly say: (line: string) => void;
}

const MAX_STATES = 200_000;
const MAX_STATES_AFTER_FINDING = 20_000;

interface SmallCase {
  readonly title: string;
  readonly given: Pick<FaultCase, 'filesystem' | 'tasks' | 'victims' | 'throttling'>;
}

/** Small enough for an answer in seconds, and with every step that a fault, a truncate and reclaim take. */
function casesOf({ fs, era }: ExploreSetting): readonly SmallCase[] {
  const reachable = Object.entries(fs.reclaim.kinds).filter(([, kind]) => kind.eras.includes(era));
  const every = reachable.map(([kind]) => ({ kind }));
  const common = reachable.filter(([, { frequency }]) => frequency === 'common').map(([kind]) => ({ kind }));
  const lazy = (mount: string): readonly VictimSpec[] =>
    every.filter(({ kind }) => kind === 'lazytime').map(({ kind }) => ({ kind, fs: mount }));
  const filesystem = fs;
  const cases: SmallCase[] = [
    {
      title: 'a read fault and a write fault on one page',
      given: {
        filesystem,
        tasks: [{ kind: 'read-fault' }, { kind: 'write-fault' }, { kind: 'kswapd' }],
        victims: every,
      },
    },
    {
      title: 'write faults on two files',
      given: { filesystem, tasks: [{ kind: 'write-fault' }, { kind: 'write-fault', inode: 1 }], victims: every },
    },
  ];
  if (fs.f_op.truncate !== undefined) {
    cases.push({
      title: 'a write fault and a truncate',
      given: {
        filesystem,
        tasks: [{ kind: 'write-fault' }, { kind: 'truncate' }, { kind: 'kswapd' }],
        victims: common,
      },
    });
  }
  for (const kind of ['create', 'mkdir', 'symlink'] as const) {
    if (fs.i_op?.[kind] === undefined) continue;
    // Memory may be so low that who may enter a filesystem waits for kswapd.
    cases.push({
      title: `a ${kind} while kswapd is waited for`,
      given: { filesystem, tasks: [{ kind }, { kind: 'kswapd' }], victims: every, throttling: true },
    });
  }
  if (lazy('a').length > 0) {
    cases.push({
      title: 'write faults on two mounts with lazytime',
      given: {
        filesystem: [
          { name: 'a', filesystem },
          { name: 'b', filesystem },
        ],
        tasks: [
          { kind: 'write-fault', fs: 'a' },
          { kind: 'write-fault', fs: 'b' },
        ],
        victims: [...lazy('a'), ...lazy('b')],
      },
    });
  }
  return cases;
}

/** Explores the cases of one adapter in one era. Gives others a turn between them. */
export async function exploreCases(setting: ExploreSetting): Promise<Explored> {
  const { fs, era, allocationFailure } = setting;
  const graph = new ClassGraph();
  const shown: Shown[] = [];
  const cases = casesOf(setting);
  let states = 0;
  let exhausted = true;
  for (const [index, { title, given }] of cases.entries()) {
    const line = `${fs.name} ${era}: ${title}`;
    setting.say(line);
    await new Promise((resolve) => setImmediate(resolve));
    const model = buildFaultModel({ ...given, era, allocationFailure });
    const found = exploreSystem(compileSystem(model), {
      all: true,
      maxStates: MAX_STATES,
      maxStatesAfterFinding: MAX_STATES_AFTER_FINDING,
      onProgress: (progress) => {
        setting.say(`${line}: ${progress.states} states`);
        return undefined;
      },
    });
    const tracker = new TaskTracker();
    for (const event of modelEvents(found)) {
      // One graph for all: a task of one case is not the task of the same name in another.
      const told = { ...event, task: `${event.task} (${index + 1})` };
      graph.onEvent(told, tracker.context(told.task));
      tracker.apply(told);
    }
    states += found.states;
    exhausted &&= found.exhausted;
    // What hangs after an assertion was broken is no finding of its own.
    const findings =
      found.errors.length > 0 ? found.errors.map(modelErrorFinding) : found.deadlocks.map(deadlockFinding);
    shown.push(...findings.map((finding) => ({ title, finding })));
  }
  for (const edge of setting.declared) {
    if (graph.edge(edge.from.lock, edge.to.lock) === undefined) graph.assume(edge);
  }
  const titles = cases.map(({ title }) => title);
  const bounds = `${titles.length} small cases (${titles.join('; ')})`;
  return { graph, states, exhausted, bounds, shown, titles };
}
