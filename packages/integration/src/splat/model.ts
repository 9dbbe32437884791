import {
  type ClassCycle,
  edgesOf,
  FS_RECLAIM,
  graphModel,
  type SplatModel,
  type SplatReport,
  type WitnessAnswer,
} from '@faultpath/lockdep';
import type { Explored, Shown } from './explore.ts';
import { classOf, type NamedFilesystem, ownerOf } from './names.ts';

/** A report, or the header of a silent run. */
export type About = SplatReport | { readonly silent: readonly string[] };

/** A model that was not explored, because no report names a lock of it. */
export function silentModel(named: NamedFilesystem, name: string): SplatModel {
  return { name, knows: () => undefined, ownerOf: (printed) => ownerOf(named, printed) };
}

/** The model of a release, for `answerSplat`. */
export function releasedModel(named: NamedFilesystem, name: string, explored: Explored): SplatModel {
  const model = graphModel(common(named, name, explored));
  return { ...model, remark: (about) => witnessStory(model, about, explored) };
}

/** Who waits for whom in the run that witnesses a reported cycle. */
function witnessStory(model: SplatModel, about: About, { shown }: Explored): readonly string[] {
  if ('silent' in about) return [];
  const judged = model.judge?.(edgesOf(about));
  if (judged?.verdict !== 'witnessed') return [];
  const run = shown.find(({ finding }) => finding.schedule === judged.schedule);
  return run === undefined ? [] : [`${model.name} hangs: ${run.title}`, ...storyOf(run).map((line) => `  ${line}`)];
}

/** The model of a changed kernel. It also says what else the change brings about. */
export function changedModel(
  named: NamedFilesystem,
  about: {
    readonly name: string;
    /** What was changed, in words. */
    readonly title: string;
    readonly isMeant: (about: About) => boolean;
  },
  explored: Explored,
  released: Explored,
): SplatModel {
  const [first, ...more] = outcome(explored, released);
  const remarks = [`${about.name}: ${about.title}`, `  ${first}`, ...more.map((line) => `    ${line}`)];
  return graphModel({
    ...common(named, about.name, explored),
    remark: (asked) => (about.isMeant(asked) ? remarks : []),
  });
}

function common(named: NamedFilesystem, name: string, explored: Explored) {
  return {
    name,
    graph: explored.graph,
    classOf: (printed: string) => classOf(named, printed),
    ownerOf: (printed: string) => ownerOf(named, printed),
    feasibility: { witness: (cycle: ClassCycle) => witness(cycle, explored) },
  };
}

/**
 * A deadlock is a witness of a class cycle only if its tasks have to do with every lock of that cycle, wait for one of
 * them, and for a cycle through reclaim one of them reclaims.
 */
function witness(cycle: ClassCycle, { shown, exhausted, bounds }: Explored): WitnessAnswer {
  const locks = cycle.classes.filter(({ kind }) => kind !== 'pseudo').map(({ lock }) => lock);
  const reclaims = cycle.classes.some(({ lock }) => lock === FS_RECLAIM);
  const found = shown.find(({ finding }) => {
    const ring = finding.cycle ?? [];
    const held = ring.flatMap(({ holds }) => holds.map(({ lock }) => lock));
    const wanted = ring.map(({ wants }) => wants.lock);
    return (
      locks.every((lock) => held.includes(lock) || wanted.includes(lock)) &&
      locks.some((lock) => wanted.includes(lock)) &&
      (!reclaims || ring.some(({ mask }) => mask !== undefined))
    );
  });
  if (found?.finding.schedule !== undefined) return { found: true, schedule: found.finding.schedule };
  return { found: false, exhausted, bounds };
}

/** The locks that the tasks of a deadlock wait for. */
function ringOf({ finding }: Shown): readonly string[] {
  return [...new Set((finding.cycle ?? []).map(({ wants }) => wants.lock))].sort();
}

function nameOf(shown: Shown): string {
  const ring = ringOf(shown);
  return `${shown.title}: ${ring.length > 0 ? `a wait for ${ring.join(', ')}` : shown.finding.claim}`;
}

/** Who holds what and waits for what, a line each. */
function storyOf({ finding }: Shown): readonly string[] {
  return finding.because.map(({ text }) => text);
}

/** Whether a change made no difference: the same dependencies, as many states, and the same to show. */
export function isSame(one: Explored, other: Explored): boolean {
  const facts = ({ graph, states, shown }: Explored): string =>
    [states, ...[...graph.edges()].map(({ from, to }) => `${from.id} -> ${to.id}`), ...shown.map(nameOf)].join('\n');
  return facts(one) === facts(other);
}

/** A change is to blame for what the release does not show in the same case. */
function outcome(explored: Explored, released: Explored): readonly [string, ...string[]] {
  const known = new Set(released.shown.map(nameOf));
  const ringLength = ({ finding }: Shown): number => finding.cycle?.length ?? 0;
  // The longest ring tells most: in a short one, tasks wait for what a stuck one would have to do.
  const fresh = explored.shown.filter((each) => !known.has(nameOf(each)));
  const [worst] = [...fresh].sort((a, b) => ringLength(b) - ringLength(a));
  if (worst !== undefined) {
    const failing = new Set(fresh.map(({ title }) => title));
    const others = explored.titles.filter((title) => !failing.has(title));
    return [
      `it fails where the release does not: ${worst.title}`,
      ...storyOf(worst),
      ...(others.length === 0 ? [] : [`nothing new in: ${others.join('; ')}`]),
    ];
  }
  const tried = `${explored.exhausted ? 'every schedule' : 'not every schedule'} of ${explored.bounds} was tried, ${explored.states} states`;
  if (explored.shown.length === 0) return [`no deadlock; ${tried}`];
  return [`no deadlock that the release does not have too; ${tried}`, ...new Set(explored.shown.map(nameOf))];
}
