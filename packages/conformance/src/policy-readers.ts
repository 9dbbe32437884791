import { type FaultCase, type Policy, policies } from '@faultpath/mm';
import type { CaseSetting, ConformanceCase } from './case.ts';
import type { CellOutcome } from './result.ts';

/** Outcomes of one case as one release on one filesystem, by the fields of the policy that its model looked at. */
export interface PolicyReaders {
  /** What another policy gave that agrees with this one on every field that mattered. */
  alike(): CellOutcome | undefined;
  /** For the model's {@link FaultCase.onPolicyRead}. */
  readonly onRead: (field: keyof Policy) => void;
  remember(outcome: CellOutcome): void;
}

interface Reader {
  readonly fields: ReadonlySet<keyof Policy>;
  readonly policy: Policy;
  readonly outcome: CellOutcome;
}

const readers = new WeakMap<object, Map<string, Reader[]>>();

/**
 * A model sees its policy through the fields it looks at, and what it looks at next follows from what it saw: so two
 * policies that agree on all that was looked at make one model, which need not be built twice. `run` is what the
 * outcomes belong to.
 */
export function policyReaders(
  run: object,
  subject: ConformanceCase,
  { fs, era }: CaseSetting,
  scenario: FaultCase,
): PolicyReaders {
  const byCase = readers.get(run) ?? new Map<string, Reader[]>();
  readers.set(run, byCase);
  const key = JSON.stringify([identity(subject), identity(fs), era, caseOf(scenario)]);
  const known = byCase.get(key) ?? [];
  byCase.set(key, known);
  const policy = policies[scenario.policy ?? 'as-released'];
  const fields = new Set<keyof Policy>();
  return {
    alike: () => known.find((each) => [...each.fields].every((field) => each.policy[field] === policy[field]))?.outcome,
    onRead: (field) => void fields.add(field),
    remember: (outcome) => void known.push({ fields, policy, outcome }),
  };
}

/** What a scenario says beside its policy. */
function caseOf({ policy: _, name: __, onPolicyRead: ___, filesystem, ...rest }: FaultCase): unknown {
  const mounts = 'name' in filesystem ? [{ name: filesystem.name, filesystem }] : filesystem;
  return [rest, mounts.map(({ filesystem: fs, ...mount }) => [mount, identity(fs)])];
}

const identities = new WeakMap<object, number>();
let identitiesGiven = 0;

/** A changed adapter keeps its name, so names don't tell two apart. */
function identity(subject: object): number {
  const known = identities.get(subject) ?? ++identitiesGiven;
  identities.set(subject, known);
  return known;
}
