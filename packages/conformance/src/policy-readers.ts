import { agrees, type Looks, type System } from '@faultpath/engine';
import { createFaultModels, type FaultCase, type FaultModels, type PolicyModel, policies } from '@faultpath/mm';
import type { CaseSetting, ConformanceCase } from './case.ts';
import type { CellOutcome } from './result.ts';

/** One case as one release on one filesystem, under one policy after the other. */
export interface PolicyReaders {
  /** What another policy gave that agrees with this one on all that was looked at. */
  alike(): CellOutcome | undefined;
  /** Throws what building throws. */
  build(): PolicyModel;
  remember({ looks }: PolicyModel, system: System, outcome: CellOutcome): void;
}

interface Reader {
  /** What building looked at, and what learning did. */
  readonly looks: readonly Looks[];
  readonly outcome: CellOutcome;
}

/** What is known in one run. */
interface Known {
  readonly outcomes: Map<string, Reader[]>;
  /** Of one release on one filesystem; dropped for the next, as models are large. */
  models: { readonly of: string; readonly byCase: Map<string, FaultModels> };
}

const knownIn = new WeakMap<object, Known>();

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
  const known: Known = knownIn.get(run) ?? { outcomes: new Map(), models: { of: '', byCase: new Map() } };
  knownIn.set(run, known);
  const release = `${identity(fs)} ${era}`;
  const key = JSON.stringify([identity(subject), release, caseOf(scenario)]);
  const outcomes = known.outcomes.get(key) ?? [];
  known.outcomes.set(key, outcomes);
  const name = scenario.policy ?? 'as-released';
  const policy = policies[name];
  return {
    alike: () => outcomes.find(({ looks }) => looks.every((each) => agrees(policy, each)))?.outcome,
    build() {
      if (known.models.of !== release) known.models = { of: release, byCase: new Map() };
      const { byCase } = known.models;
      const models = byCase.get(key) ?? createFaultModels(scenario);
      byCase.set(key, models);
      return models.under(name);
    },
    remember: (model, system, outcome) => void outcomes.push({ looks: [model.looks, system.looks], outcome }),
  };
}

/** What a scenario says beside its policy. */
function caseOf({ policy: _, name: __, filesystem, ...rest }: FaultCase): unknown {
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
