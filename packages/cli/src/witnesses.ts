import type { CaseResult, CellWitness, ConformanceDocument, Witness } from '@faultpath/report';

/** A cell with a run to tell. */
export interface TellableCell {
  readonly result: CaseResult;
  /** What the run shows. */
  readonly claim: string;
  readonly witness: () => Witness;
}

/**
 * The runs worth telling, each claim once: what fails before what is known to fail, what released kernels do before the
 * rest. The order depends on nothing but the cells, so shards together choose what the whole run would have chosen.
 */
export async function chooseWitnesses(cells: readonly TellableCell[]): Promise<readonly CellWitness[]> {
  const { compareNames, comparePolicies } = await import('@faultpath/report');
  const rank = ({ result }: TellableCell): number =>
    (result.verdict === 'fail' ? 0 : 2) + (result.counterfactual ? 1 : 0);
  const ordered = [...cells].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      comparePolicies(a.result.policy, b.result.policy) ||
      compareNames(b.result.era, a.result.era) ||
      compareNames(a.result.fs, b.result.fs) ||
      compareNames(a.result.case, b.result.case),
  );
  const told = new Map<string, CellWitness>();
  for (const { result, claim, witness } of ordered) {
    if ((result.verdict !== 'fail' && result.verdict !== 'xfail') || told.has(claim)) continue;
    const { fs, era, policy, case: id } = result;
    told.set(claim, { cell: { fs, era, policy, case: id }, witness: witness() });
  }
  return [...told.values()];
}

/** Of what the shards tell: what the whole run would have told. */
export async function mergeWitnesses(
  documents: readonly ConformanceDocument[],
  { results }: ConformanceDocument,
): Promise<readonly Witness[]> {
  const { cellKey, witnessesIn } = await import('@faultpath/report');
  const byKey = new Map(results.map((result) => [cellKey(result), result]));
  const cells = witnessesIn(documents).flatMap(({ cell, witness }) => {
    const result = byKey.get(cellKey(cell));
    return result === undefined ? [] : [{ result, claim: witness.finding.claim, witness: () => witness }];
  });
  return (await chooseWitnesses(cells)).map(({ witness }) => witness);
}
