import type { ValidationVocabulary } from '@faultpath/lockdep';
import type { TraceFault } from '../classify/fault-record.ts';
import { DEFAULT_MAX_FAULTS, type FaultOptions, factsOf, type RecordingFacts, wanted } from '../fault-report.ts';
import { readTrace } from '../read.ts';
import type { TraceSource } from '../text/source.ts';
import type { FaultAutomaton } from './automaton.ts';
import type { LeftOut } from './project.ts';
import { type ReclaimPart, splitReclaim } from './reclaim.ts';
import { at, tell } from './tell.ts';
import { type CompiledFaults, compileFaults, type FaultVerdict } from './validate-fault.ts';

/** A fault of a recording that a model is wanted for. */
export interface WantedFault {
  readonly fs: string;
  /** How the file's pages are reached. */
  readonly route: 'dax' | 'page';
  /** Of the page cache a copy is told from other writes by the model only, and counts as a write here. `cow`: a write to a private mapping; `mkwrite`: one to a page that is mapped read-only. */
  readonly access: 'read' | 'write' | 'cow' | 'mkwrite';
  readonly sync: boolean;
  /** Release of the recorded kernel, for example `6.1`. */
  readonly kernel: string;
  /** The recorded kernel has lockdep, and with it larger spinlocks. */
  readonly lockdep: boolean;
}

/** The model of a fault, or why there is none. */
export type ProvidedAutomaton =
  | {
      readonly automaton: FaultAutomaton;
      readonly model: string;
      /** The recorded kernel, where the model is of another one: a difference then refuses nothing. */
      readonly insteadOf?: string;
      /** Rounds of reclaim, as often as one likes; asked for where a fault entered reclaim. */
      readonly reclaim?: () => FaultAutomaton;
    }
  | { readonly notrun: string };

/** Gives the automaton of a fault; this package knows neither models nor the engine. */
export type ProvideAutomaton = (fault: WantedFault) => ProvidedAutomaton;

export interface ValidateOptions extends FaultOptions {
  readonly validations: readonly ValidationVocabulary[];
  readonly provide: ProvideAutomaton;
  /** Only faults of these filesystems; all when absent. */
  readonly filesystems?: readonly string[];
}

/** What became of one fault. */
export type ValidatedFault = Pick<TraceFault, 'task' | 'kind' | 'where'> & {
  readonly fs?: string;
} & Outcome;

/** One recording of `trace validate --json`. */
export interface ValidationReport {
  readonly recording: RecordingFacts;
  readonly faults: readonly ValidatedFault[];
  /** Faults beyond the limit, which were not looked at. */
  readonly unlooked: number;
}

/**
 * Reads a recording and decides for each of its faults whether it is a word of the model's automaton.
 *
 * @throws TraceError as `readTrace`
 */
export async function validateTrace(source: TraceSource, options: ValidateOptions): Promise<ValidationReport> {
  const faults: TraceFault[] = [];
  const max = options.maxFaults ?? DEFAULT_MAX_FAULTS;
  let unlooked = 0;
  const summary = await readTrace(source, options, {
    fault(fault) {
      if (!wanted(fault, options) || !(options.filesystems?.includes(fault.fs ?? '') ?? true)) return;
      if (faults.length < max) faults.push(fault);
      else unlooked += 1;
    },
  });
  const validate = validator(options, summary.kernel.release, summary.lockdep);
  return {
    recording: factsOf(summary, options.file ?? (typeof source === 'string' ? source : 'input')),
    faults: faults.map((fault) => {
      const { task, fs, kind, where } = fault;
      return { task, kind, where, ...(fs === undefined ? {} : { fs }), ...validate(fault) };
    }),
    unlooked,
  };
}

type Outcome =
  | (FaultVerdict & {
      readonly model: string;
      /** The model is of another kernel than the recorded one, which is named here with the reason. */
      readonly insteadOf?: string;
    })
  | { readonly verdict: 'notrun'; readonly reason: string };

interface Compiled {
  readonly faults: CompiledFaults;
  readonly model: string;
  readonly insteadOf?: string;
  readonly reclaim?: () => FaultAutomaton;
  reclaims?: ReturnType<CompiledFaults['reclaims']>;
}

function validator(options: ValidateOptions, kernel: string, lockdep: boolean): (fault: TraceFault) => Outcome {
  const compiled = new Map<string, Compiled | string>();

  const compile = (fault: WantedFault): Compiled | string => {
    const key = `${fault.fs} ${fault.route} ${fault.access} ${fault.sync}`;
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const provided = options.provide(fault);
    const vocabularies = options.validations.filter(({ fs }) => fs === undefined || fs === fault.fs);
    const made =
      'notrun' in provided
        ? provided.notrun
        : {
            faults: compileFaults(provided.automaton, { vocabularies, kernel, lockdep }),
            model: provided.model,
            ...(provided.insteadOf === undefined ? {} : { insteadOf: provided.insteadOf }),
            ...(provided.reclaim === undefined ? {} : { reclaim: provided.reclaim }),
          };
    compiled.set(key, made);
    return made;
  };

  return (fault) => {
    const reason = notCompared(fault);
    if (reason !== undefined) return { verdict: 'notrun', reason };
    const { fs = '', access } = fault;
    if (access === 'unknown')
      return { verdict: 'notrun', reason: 'the recording does not say whether it read or wrote' };
    const route = fault.kind.startsWith('dax') ? 'dax' : 'page';
    const made = compile({ fs, route, access, sync: fault.kind.includes(' sync '), kernel, lockdep });
    if (typeof made === 'string') return { verdict: 'notrun', reason: made };
    const { model, insteadOf } = made;
    const { events, parts } = splitReclaim(fault.events);
    const outside = withoutStrays(made.faults.validate({ ...fault, events }), fault);
    const inside = outside.verdict === 'refused' || parts.length === 0 ? undefined : insideReclaim(made, fault, parts);
    if (inside !== undefined && 'refused' in inside) return { ...inside.refused, model };
    if (inside !== undefined && 'reason' in inside) return inside;
    const verdict = inside === undefined ? outside : { ...outside, leftOut: [...outside.leftOut, ...inside.leftOut] };
    if (insteadOf === undefined) return { ...verdict, model };
    const parting = verdict.disagreement;
    // Whoever contradicts himself does so on any kernel.
    if (parting !== undefined && parting.odd === undefined)
      return { verdict: 'notrun', reason: differs(verdict, made) };
    return { ...verdict, model, insteadOf };
  };
}

/** What was left out inside reclaim where the model has the rest of it; otherwise what is wrong, or unknown. */
function insideReclaim(
  made: Compiled,
  { reclaims }: TraceFault,
  parts: readonly ReclaimPart[],
):
  | { readonly verdict: 'notrun'; readonly reason: string }
  | { readonly refused: FaultVerdict }
  | { readonly leftOut: readonly LeftOut[] } {
  const notrun = (reason: string) => ({ verdict: 'notrun' as const, reason });
  const lost = reclaims.find(({ enteredBy }) => enteredBy === undefined);
  if (lost !== undefined) return notrun(`no allocation behind it has the mask of the reclaim at ${at(lost.where)}`);
  if (made.reclaim === undefined) return notrun('it entered reclaim, of which there is no model');
  made.reclaims ??= made.faults.reclaims(made.reclaim());
  const leftOut: LeftOut[] = [];
  for (const part of parts) {
    const verdict = made.reclaims(part);
    if ('leftOut' in verdict) {
      leftOut.push(...verdict.leftOut);
      continue;
    }
    if ('notrun' in verdict)
      return notrun(`all but its reclaim is as modelled; inside reclaim there is ${verdict.notrun}`);
    const odd = 'reclaim whose mask does not allow FS is inside a filesystem';
    const disagreement = { kernel: verdict.refused, odd, offered: [], mayEnd: false };
    return { refused: { verdict: 'refused', compared: 0, leftOut: [], disagreement } };
  }
  return { leftOut };
}

/** Where a kernel that has no era of its own parts from the nearest one, by name. */
function differs({ compared, disagreement }: FaultVerdict, { model, insteadOf }: Compiled): string {
  const { kernel, offered = [], mayEnd = false } = disagreement ?? {};
  const did = kernel === undefined ? 'end of the fault' : tell(kernel);
  const [first] = offered;
  const by = first?.backtrace.find((name) => name !== '__alloc_pages' && name !== 'kmem_cache_alloc');
  const other = first === undefined || mayEnd ? 'end of the fault' : `${tell(first.event)}, in ${by ?? 'nowhere'}`;
  return `the kernel is ${insteadOf}, and parts from it after ${compared} steps of ${model}, ${at(kernel?.where)} (kernel: ${did}; model: ${other})`;
}

/** A release that belongs to nothing, or a lock told of once instead of twice, is no step of any model. */
function withoutStrays(verdict: FaultVerdict, { contradiction: where }: TraceFault): FaultVerdict {
  if (where === undefined || verdict.verdict === 'refused') return verdict;
  const odd = `${at(where)}: what the recording shows of this lock or scope contradicts itself`;
  return { ...verdict, verdict: 'refused', disagreement: { odd, offered: [], mayEnd: true } };
}

/** Why a fault has no comparison whatever the model; by name, so that nobody takes it for accepted. */
function notCompared(fault: TraceFault): string | undefined {
  const [route] = fault.kind.split(' ');
  if (fault.fs === undefined) return 'no known filesystem was entered';
  if (!fault.complete) return 'the recording begins, ends or lost events inside the fault';
  if (fault.dropped > 0) return `the fault has ${fault.dropped} more events than are kept`;
  if (route !== 'dax' && route !== 'page') return `no models of ${route} faults`;
  return undefined;
}
