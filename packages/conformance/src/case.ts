import type { Finding } from '@faultpath/lockdep';
import type { EraName, FaultCase, Filesystem, PolicyName } from '@faultpath/mm';
import { ConformanceError } from './errors.ts';
import type { Level } from './result.ts';
import { ruleIds } from './rules.ts';

/** What a case is asked to be run as. */
export interface CaseSetting {
  readonly fs: Filesystem;
  readonly era: EraName;
  readonly policy: PolicyName;
}

/** A change of the adapter that a rule must catch, or that is known to be harmless. */
export interface Twin {
  /** Unique within the case. */
  readonly id: string;
  /** One line: what is different. */
  readonly title: string;
  /** The adapter with the change; undefined where this adapter has nothing to change. */
  readonly mutate: (setting: CaseSetting) => Filesystem | undefined;
  /** The scenario with a change, where the change is not the adapter's. */
  readonly scenario?: (scenario: FaultCase) => FaultCase;
  /** The rule that must fire; `null` when the change must make no difference, for the reason given. */
  readonly caughtBy: string | null;
  /** With `caughtBy: null`: no rule sees the change, though it makes a difference. It is listed as a survivor. */
  readonly survives?: true;
  readonly because: string;
  /** Where the twin is meaningful; everywhere when absent. */
  readonly applies?: (setting: CaseSetting) => boolean;
}

/** What a case that looks at more than one scenario came to. */
export interface Examination {
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
  readonly states: number;
  readonly transitions: number;
  readonly bounds: Readonly<Record<string, number>>;
}

/** One row of the suite. */
export interface ConformanceCase {
  /** `group/number`, never reused. */
  readonly id: string;
  readonly title: string;
  readonly groups: readonly string[];
  readonly level: Level;
  /** Commit, thread or finding that the case protects. */
  readonly guards: string;
  /** Why it cannot be run here; undefined when it can. */
  readonly requires: (setting: CaseSetting) => string | undefined;
  /** Who does what, within which bounds. */
  readonly scenario: (setting: CaseSetting) => FaultCase;
  /** Instead of exploring the scenario: looks at the adapter in its own way, and judges what it sees. */
  readonly examine?: (setting: CaseSetting) => Examination;
  /** Ids of the rules that judge it. */
  readonly rules: readonly string[];
  readonly twins: readonly Twin[];
  /** Bounds that were asked for beyond its own, such as `faults=3`; nobody who defines a case says this. */
  readonly larger?: string;
}

const ID = /^[a-z][a-z0-9-]*\/\d{3}$/;

/** Checks a case and freezes it. Throws `CONFORMANCE_BAD_CASE` naming the field. */
export function defineCase(definition: ConformanceCase): ConformanceCase {
  const refuse = (field: string, why: string): never => {
    throw new ConformanceError('CONFORMANCE_BAD_CASE', `${definition.id}: ${field}`, why);
  };
  if (!ID.test(definition.id)) refuse('id', 'an id looks like dax/004');
  if (definition.groups.length === 0) refuse('groups', 'a case is in at least one group');
  if (definition.rules.length === 0) refuse('rules', 'a case that no rule judges proves nothing');
  for (const rule of definition.rules)
    if (!ruleIds.includes(rule)) refuse('rules', `there is no rule '${rule}'; known: ${ruleIds.join(', ')}`);
  if (definition.guards === '') refuse('guards', 'say what the case protects');
  const twins = new Set(definition.twins.map((twin) => twin.id));
  if (twins.size !== definition.twins.length) refuse('twins', 'two twins have one id');
  return Object.freeze({ ...definition });
}
