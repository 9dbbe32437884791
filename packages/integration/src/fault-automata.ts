import { compileSystem, type System } from '@faultpath/engine';
import { ext2 } from '@faultpath/ext2';
import { ext4, ext4Delalloc } from '@faultpath/ext4';
import { buildFaultModel, type EraName, eraNames, eras, type FaultTaskSpec, type Filesystem } from '@faultpath/mm';
import { xfs, xfsPageCache } from '@faultpath/xfs';
import { ext2_alloc_branch } from './ext2/new-blocks.ts';

/** By how the pages of a file are reached. */
const models: Readonly<Record<'dax' | 'page', readonly Filesystem[]>> = {
  dax: [ext4, xfs, ext2],
  page: [ext4Delalloc, xfsPageCache],
};

/** Filesystems whose models leave out what a recording of theirs shows. */
const summaries: readonly string[] = ['f2fs', 'nilfs2'];

/** A recorded fault for which a model is wanted. */
export interface RecordedFault {
  readonly fs: string;
  readonly route: 'dax' | 'page';
  /** `cow`: a write to a private mapping; `mkwrite`: one to a page that is mapped read-only. */
  readonly access: 'read' | 'write' | 'cow' | 'mkwrite';
  readonly sync: boolean;
  /** Release of the recorded kernel, for example `6.1`. */
  readonly kernel: string;
  readonly lockdep: boolean;
}

/** The whole automaton of one task, as the engine has learned it. */
export type LearnedAutomaton = System['automata'][number]['detailed'];

/** What of an automaton a comparison needs. */
export interface FaultAutomaton {
  readonly start: {
    readonly status: LearnedAutomaton['start']['status'];
    readonly backtrace: readonly string[];
    readonly edges: readonly {
      readonly alternative: { readonly event?: unknown };
      readonly error?: unknown;
      readonly to: LearnedAutomaton['start'];
      readonly passed: LearnedAutomaton['passed'];
    }[];
  };
  readonly passed: LearnedAutomaton['passed'];
}

/** An automaton as `@faultpath/trace` wants it, or why there is none. */
export type FaultModel =
  | {
      readonly automaton: FaultAutomaton;
      readonly model: string;
      /** The recorded kernel, where the model is of another: what it lacks is then no mistake of either. */
      readonly insteadOf?: string;
      /** Rounds of reclaim that take an unused inode of any kind, made when it is asked for. */
      readonly reclaim: () => FaultAutomaton;
    }
  | { readonly notrun: string };

/**
 * Gives the learned automaton of one fault of a bundled filesystem, in all the detail that a recording shows.
 *
 * @param era the era to compare with; when absent that of the recorded kernel, or the nearest one, which is then said
 */
export function faultAutomata(era?: EraName): (fault: RecordedFault) => FaultModel {
  // Learning an automaton takes longer than reading a recording, and many recordings are of the same few faults.
  const learned = new Map<string, Extract<FaultModel, { readonly model: string }>>();
  return (fault) => {
    const filesystem = models[fault.route].find(({ name }) => name === fault.fs);
    if (filesystem === undefined) return { notrun: unmodelledRoute(fault) };
    const chosen = era === undefined ? eraOf(fault.kernel) : { name: era, exact: true };
    if (chosen === undefined)
      return { notrun: `kernel ${fault.kernel} is older than any era (name one to compare with)` };
    const { name: found, exact } = chosen;
    if (!filesystem.supports.eras.includes(found)) return { notrun: `${fault.fs} is not modelled for ${found}` };
    const reason = unmodelled(filesystem, found, fault);
    if (reason !== undefined) return { notrun: reason };
    const kind = fault.route === 'page' ? 'page-cache ' : fault.sync ? 'MAP_SYNC ' : '';
    const model = `${fault.fs} ${found}: ${kind}${fault.access} fault`;
    const key = `${model} ${fault.lockdep}`;
    const made = learned.get(key) ?? {
      automaton: automatonOf(filesystem, found, fault),
      model,
      reclaim: () => reclaimOf(filesystem, found, fault),
    };
    learned.set(key, made);
    return exact ? made : { ...made, insteadOf: `${fault.kernel}, to which ${found} is the nearest modelled era` };
  };
}

/** Why the models of a filesystem in an era do not have such faults. */
function unmodelled(
  { name, supports }: Filesystem,
  era: EraName,
  { access, sync, route }: RecordedFault,
): string | undefined {
  if (route === 'page') return undefined;
  const since = eras[era].mapSync.is;
  if (sync && (!supports.sync_faults || !since)) return `${name} has no MAP_SYNC faults in ${era}`;
  if (access === 'cow' && !since) return `copying a page of a DAX file is not modelled for ${era}`;
  if (access === 'mkwrite' && !since) return `a page that becomes writable is not modelled for ${era}`;
  return undefined;
}

/** Which models of a filesystem are missing, and why. */
function unmodelledRoute({ fs, route }: RecordedFault): string {
  if (route === 'page' && summaries.includes(fs))
    return `${fs} is modelled in summary: the locks of its metadata, which a recording shows, are not in it`;
  return `${fs} is not modelled`;
}

/**
 * The automaton of a fault. A write through the page cache may also be one to a private mapping, which no record tells
 * beforehand: both are in it.
 */
function automatonOf(filesystem: Filesystem, era: EraName, fault: RecordedFault): FaultAutomaton {
  const shared = detailedOf(filesystem, era, fault);
  if (fault.route === 'dax' || fault.access !== 'write') return shared;
  const copied = detailedOf(filesystem, era, { ...fault, access: 'cow' });
  const edges = [shared, copied].map(({ start, passed }) => ({ alternative: {}, to: start, passed }));
  return { start: { status: 'running', backtrace: [], edges }, passed: [] };
}

function detailedOf(filesystem: Filesystem, era: EraName, fault: RecordedFault): LearnedAutomaton {
  const system = compileSystem(
    buildFaultModel({
      era,
      filesystem,
      tasks: [taskOf(filesystem, era, fault)],
      allocationFailure: true,
      detail: { lockdep: fault.lockdep, ...(filesystem === ext2 ? { newBlocks: ext2_alloc_branch } : {}) },
    }),
  );
  return automatonAt(system, 0);
}

/** What reclaim does to unused inodes of every kind of the filesystem, one a round: as kswapd does, which has the same gates. */
function reclaimOf(filesystem: Filesystem, era: EraName, { lockdep }: RecordedFault): LearnedAutomaton {
  const { kinds } = filesystem.reclaim;
  const victims = Object.keys(kinds).filter((kind) => kinds[kind]?.eras.includes(era));
  const system = compileSystem(
    buildFaultModel({
      era,
      filesystem,
      tasks: [{ kind: 'kswapd' }],
      victims: victims.map((kind) => ({ kind })),
      allocationFailure: true,
      detail: { lockdep },
    }),
  );
  return automatonAt(system, 0);
}

function automatonAt(system: System, thread: number): LearnedAutomaton {
  const index = system.automatonOf[thread];
  const automaton = index === undefined ? undefined : system.automata[index];
  if (automaton === undefined) throw new Error('a model of one task has no automaton');
  return automaton.detailed;
}

/** The task whose fault it is. A page that is mapped has its page table already, so that nothing larger is tried. */
function taskOf(filesystem: Filesystem, era: EraName, { access, sync }: RecordedFault): FaultTaskSpec {
  if (access === 'mkwrite') return { kind: 'write-fault', pageTable: 'read-only', sync };
  const kind = access === 'read' ? 'read-fault' : 'write-fault';
  return { kind, sync, ...huge(filesystem, era), ...(access === 'cow' ? { mapping: 'private' } : {}) };
}

/** Attempts with 2 MiB are among the model's steps only where a task may make them. */
function huge(filesystem: Filesystem, era: EraName): { readonly size?: 'pmd' } {
  return filesystem.vm_ops.huge_fault === undefined || eras[era].pmdGfp.is === 'none' ? {} : { size: 'pmd' };
}

/** An era for a recorded kernel, and whether it is that of exactly its series: between two nobody knows which facts hold. */
interface ChosenEra {
  readonly name: EraName;
  readonly exact: boolean;
}

/** The modelled era whose release is the fewest releases away; of two the newer, which is more often right. */
function eraOf(kernel: string): ChosenEra | undefined {
  const at = ordinal(kernel);
  if (at === undefined) return undefined;
  const distances = eraNames.map((name) => ({ name, away: Math.abs((ordinal(name) as number) - at) }));
  const nearest = distances.reduce((best, each) => (each.away <= best.away ? each : best));
  return { name: nearest.name, exact: nearest.away === 0 };
}

/** How many minor releases a series had: 4.20, 5.19 and 6.19 were followed by the next one's first. */
const minors: Readonly<Record<number, number>> = { 4: 21, 5: 20, 6: 20 };

/** The place of a release in the row of all since 4.0. */
function ordinal(release: string): number | undefined {
  const [major, minor] = (release.match(/\d+/g) ?? []).map(Number);
  if (major === undefined || minor === undefined || major < 4) return undefined;
  let before = 0;
  for (let series = 4; series < major; series++) before += minors[series] ?? 20;
  return before + minor;
}
