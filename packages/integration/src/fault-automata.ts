import { compileSystem, type System } from '@faultpath/engine';
import { ext2 } from '@faultpath/ext2';
import { ext4 } from '@faultpath/ext4';
import { buildFaultModel, type EraName, eras, type Filesystem } from '@faultpath/mm';
import { xfs } from '@faultpath/xfs';

const models: readonly Filesystem[] = [ext4, xfs, ext2];

/** A recorded fault for which a model is wanted. */
export interface RecordedFault {
  readonly fs: string;
  readonly access: 'read' | 'write';
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
    if (fault.sync) return { notrun: 'what a MAP_SYNC fault makes durable is modelled as one wait, not step by step' };
    const model = `${fault.fs} ${found}: ${fault.access} fault`;
    const key = `${model} ${fault.lockdep}`;
    const made = learned.get(key) ?? { automaton: detailedOf(filesystem, found, fault), model };
    learned.set(key, made);
    return made;
  };
}

function detailedOf(filesystem: Filesystem, era: EraName, { access, lockdep }: RecordedFault): LearnedAutomaton {
  const system = compileSystem(
    buildFaultModel({
      era,
      filesystem,
      tasks: [{ kind: `${access}-fault`, ...huge(filesystem, era) }],
      allocationFailure: true,
      detail: { ptlock: lockdep },
    }),
  );
  const first = system.automatonOf[0];
  const automaton = first === undefined ? undefined : system.automata[first];
  if (automaton === undefined) throw new Error('a model of one fault has no automaton');
  return automaton.detailed;
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
