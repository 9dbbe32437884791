import { rules as eventRules, type Knowledge, type LockOrder, type Rule } from '@faultpath/lockdep';
import type { Filesystem } from '@faultpath/mm';

/** What a model tells: everything. */
export const modelKnowledge: readonly Knowledge[] = [
  'locks',
  'waits',
  'scopes',
  'requested-mask',
  'effective-mask',
  'mapping-mask',
  'mask-stores',
  'faults',
  'freeze',
  'calls',
  'leaves',
];

/** The rules that judge events, from whatever source. */
export const modelRules: readonly Rule[] = eventRules;

/** Rules that only an exploration can judge. */
export const explorationRules = [
  'engine/deadlock',
  'engine/model-error',
  'adapter/error',
  'adapter/capability',
] as const;

/** Ids of all rules that may appear in a finding of the suite. */
export const ruleIds: readonly string[] = [...explorationRules, ...eventRules.map((rule) => rule.id)];

/** The adapter's declared order as pairs of neighbours. */
export function lockOrderOf(fs: Filesystem): LockOrder {
  return fs.lockOrder.flatMap((chain) =>
    chain.slice(1).map((inner, index) => [chain[index] as string, inner] as const),
  );
}
