import { compileSystem, type System } from '@faultpath/engine';
import { ext2 } from '@faultpath/ext2';
import { ext4 } from '@faultpath/ext4';
import { buildFaultModel, type EraName, eras, type FaultTaskSpec, type Filesystem } from '@faultpath/mm';
import { xfs } from '@faultpath/xfs';
import { ext2_alloc_branch } from './ext2/new-blocks.ts';

const models: readonly Filesystem[] = [ext4, xfs, ext2];

/** A recorded fault for which a model is wanted. */
export interface RecordedFault {
  readonly fs: string;
  /** `cow`: a write to a private mapping; `mkwrite`: one to a page that is mapped read-only. */
  readonly access: 'read' | 'write' | 'cow' | 'mkwrite';
  readonly sync: boolean;
  /** Release of the recorded kernel, for example `6.1`. */
  readonly kernel: string;
  readonly lockdep: boolean;
}

/** The whole automaton of one task, as the engine has learned it. */
export type LearnedAutomaton = System['automata'][number]['detailed'];

/** An automaton as `@faultpath/trace` wants it, or why there is none. */
export type FaultModel = { readonly automaton: LearnedAutomaton; readonly model: string } | { readonly notrun: string };

/**
 * Gives the learned automaton of one fault of a bundled filesystem, in all the detail that a recording shows.
 *
 * @param era the era to compare with; by the recorded kernel when absent
 */
export function faultAutomata(era?: EraName): (fault: RecordedFault) => FaultModel {
  // Learning an automaton takes longer than reading a recording, and many recordings are of the same few faults.
  const learned = new Map<string, FaultModel>();
  return (fault) => {
    const filesystem = models.find(({ name }) => name === fault.fs);
    if (filesystem === undefined) return { notrun: `${fault.fs} is not modelled` };
    const found = era ?? eraOf(fault.kernel);
    if (found === undefined) return { notrun: `kernel ${fault.kernel} is no modelled era (name one to compare with)` };
    if (!filesystem.supports.eras.includes(found)) return { notrun: `${fault.fs} is not modelled for ${found}` };
    const reason = unmodelled(filesystem, found, fault);
    if (reason !== undefined) return { notrun: reason };
    const model = `${fault.fs} ${found}: ${fault.sync ? 'MAP_SYNC ' : ''}${fault.access} fault`;
    const key = `${model} ${fault.lockdep}`;
    const made = learned.get(key) ?? { automaton: detailedOf(filesystem, found, fault), model };
    learned.set(key, made);
    return made;
  };
}

/** Why the models of a filesystem in an era do not have such faults. */
function unmodelled({ name, supports }: Filesystem, era: EraName, { access, sync }: RecordedFault): string | undefined {
  const since = eras[era].mapSync.is;
  if (sync && (!supports.sync_faults || !since)) return `${name} has no MAP_SYNC faults in ${era}`;
  if (access === 'cow' && !since) return `copying a page of a DAX file is not modelled for ${era}`;
  if (access === 'mkwrite' && !since) return `a page that becomes writable is not modelled for ${era}`;
  return undefined;
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
  const first = system.automatonOf[0];
  const automaton = first === undefined ? undefined : system.automata[first];
  if (automaton === undefined) throw new Error('a model of one fault has no automaton');
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

/** The era of exactly this series: between two of them nobody knows which facts already hold. */
function eraOf(kernel: string): EraName | undefined {
  const [major, minor] = kernel.match(/\d+/g) ?? [];
  return (Object.keys(eras) as EraName[]).find((name) => name === `v${major}.${minor}`);
}
