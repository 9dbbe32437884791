import { systemKey } from '@faultpath/engine';
import type { Filesystem } from '@faultpath/mm';
import type { CaseSetting } from '../case.ts';
import { systemOf } from '../compile-cell.ts';
import type { PlannedCell } from '../plan.ts';
import { cellName } from '../result.ts';
import { runCell } from '../run-cell.ts';
import { cellOptions } from '../run-conformance.ts';
import { effectsKey } from './effects.ts';
import type { Mutant, MutantKind } from './enumerate.ts';

/**
 * What became of a mutant. `equivalent`: in every cell its minimised automata are those of the original, masks and all; see
 * {@link MutantProof}.
 */
export type MutantVerdict = 'killed' | 'equivalent' | 'survived';

/**
 * Why a mutant is equivalent. `same`: its automata are the original's, and so is all that they tell. `same-effects`: they are
 * but for where scopes begin and end and what allocations ask for in vain; every step, everything held and every mask that
 * an allocation gets are the original's, and no rule reports either.
 */
export type MutantProof = 'same' | 'same-effects';

/** One mutant and what became of it. */
export interface MutantResult {
  readonly fs: string;
  readonly mutant: string;
  readonly kind: MutantKind;
  readonly title: string;
  readonly verdict: MutantVerdict;
  /** Rules that report on the mutant, and not on the original, in the first cell where one does. */
  readonly killedBy: readonly string[];
  /** That cell. */
  readonly cell?: string;
  /** Cells whose automata differ from the original's. */
  readonly differs: number;
  /** Cells in which a budget was spent before the search of the mutant ended. */
  readonly incomplete: number;
  /** Of an equivalent one: what shows it. */
  readonly proof?: MutantProof;
  /** Of a survivor: what would have to be there for a rule to see it. */
  readonly needs?: string;
}

/** A cell, and what is known of the original there. */
interface Original {
  readonly planned: PlannedCell;
  readonly key: string;
  /** See {@link effectsKey}; made when it is needed. */
  effects?: string;
  /** Rules that report on the original, by budget. */
  readonly rules: Map<number, ReadonlySet<string>>;
  states: number;
}

/**
 * Judges mutants of one adapter in the cells in which they differ from it, with the first budget of states, and with the
 * next one where a search was not at its end.
 */
export function judging(
  fs: Filesystem,
  cells: readonly PlannedCell[],
  budgets: readonly number[],
  patience?: number,
): (mutant: Mutant) => MutantResult {
  /** A mutant whose model cannot be built is another one. */
  const keyOf = ({ subject }: PlannedCell, setting: CaseSetting, key = systemKey): string => {
    const system = systemOf(subject, setting, patience);
    return system === undefined ? 'none' : key(system);
  };
  const originals = cells.map(
    (planned): Original => ({ planned, key: keyOf(planned, planned.setting), rules: new Map(), states: 0 }),
  );

  return (mutant) => {
    const changed = mutant.mutate(fs);
    const different = originals.filter(
      ({ planned, key }) => keyOf(planned, { ...planned.setting, fs: changed }) !== key,
    );
    const common = { ...told(fs, mutant), differs: different.length };
    let open = different;
    for (const budget of budgets) {
      const unfinished: Original[] = [];
      // Small ones first: one cell in which a rule reports is enough.
      for (const original of [...open].sort((left, right) => left.states - right.states)) {
        const { planned } = original;
        const before = rulesOfOriginal(original, budget);
        const after = rulesOf(planned, { ...planned.setting, fs: changed }, budget);
        const killedBy = [...after.rules].filter((rule) => !before.has(rule));
        if (killedBy.length > 0) {
          const { setting, subject } = planned;
          const cell = cellName({ fs: fs.name, era: setting.era, policy: setting.policy, case: subject.id });
          return { ...common, verdict: 'killed', killedBy, cell, incomplete: unfinished.length };
        }
        if (after.incomplete) unfinished.push(original);
      }
      open = unfinished;
      if (open.length === 0) break;
    }
    const unseen = { ...common, killedBy: [], incomplete: open.length };
    if (different.length === 0) return { ...unseen, verdict: 'equivalent', proof: 'same' };
    const sameEffects = different.every((original) => {
      const { planned } = original;
      original.effects ??= keyOf(planned, planned.setting, effectsKey);
      return keyOf(planned, { ...planned.setting, fs: changed }, effectsKey) === original.effects;
    });
    if (sameEffects) return { ...unseen, verdict: 'equivalent', proof: 'same-effects' };
    const needs = open.length > 0 ? 'a larger budget of states' : whatIsNeeded(mutant);
    return { ...unseen, verdict: 'survived', needs };
  };
}

function rulesOfOriginal(original: Original, budget: number): ReadonlySet<string> {
  const known = original.rules.get(budget);
  if (known !== undefined) return known;
  const { rules, states } = rulesOf(original.planned, original.planned.setting, budget);
  original.rules.set(budget, rules);
  original.states = states;
  return rules;
}

function rulesOf({ subject }: PlannedCell, setting: CaseSetting, maxStates: number) {
  const { result } = runCell(subject, setting, cellOptions({ maxStates }), new Map());
  return {
    rules: new Set(result.findings.map(({ rule }) => rule)),
    states: result.states,
    incomplete: result.verdict === 'incomplete',
  };
}

function told(
  { name }: Filesystem,
  { id, kind, title }: Mutant,
): Pick<MutantResult, 'fs' | 'mutant' | 'kind' | 'title'> {
  return { fs: name, mutant: id, kind, title };
}

/** What no rule sees is either not said by any contract, or done by no task of any case. */
function whatIsNeeded({ kind }: Mutant): string {
  switch (kind) {
    case 'forget-unlock':
    case 'forget-restore':
      return 'a case in which some task takes this path';
    case 'widen-mask':
    case 'widen-mapping':
      return 'a case in which reclaim, or somebody whom it waits for, wants what is held at the allocation';
    case 'swap':
      return 'a chain of lockOrder with both, or a contract that says what is done under the first';
    case 'release-late':
      return 'a case in which somebody waits for it while what comes after is waited for';
    case 'weaken-lock':
      return 'a contract with `exclusive`, that says what nobody else may see meanwhile';
    default:
      return 'a contract that says what it protects there';
  }
}
