import { makeDocument } from './build.ts';
import { type CaseResult, type CellWitness, type ConformanceDocument, cellKey } from './document.ts';
import { ReportError } from './errors.ts';

/**
 * Merges the documents of shards. The same cell may come twice if it says the same twice, but every shard of a run must
 * come, and come once.
 *
 * @throws ReportError `REPORT_SHARDS` when a shard is missing or comes twice, `REPORT_VERSIONS` when two versions made the
 * documents, `REPORT_CONFLICT` when two documents answer a cell differently.
 */
export function mergeDocuments(documents: readonly ConformanceDocument[]): ConformanceDocument {
  const version = oneVersion(documents);
  requireEveryShard(documents);
  const cells = new Map<string, { result: CaseResult; text: string }>();
  let seconds: number | undefined;
  for (const document of documents) {
    if (document.summary.seconds !== undefined) seconds = (seconds ?? 0) + document.summary.seconds;
    for (const result of document.results) {
      const key = cellKey(result);
      // Which cell a shard explored for another says nothing about the answer.
      const text = JSON.stringify(sortedKeys({ ...result, sameAs: undefined }));
      const known = cells.get(key);
      if (known !== undefined && known.text !== text) {
        throw new ReportError(
          'REPORT_CONFLICT',
          `the cell ${key} has two different answers; merge shards of one run only`,
        );
      }
      cells.set(key, { result, text });
    }
  }
  const results = [...cells.values()].map((cell) => cell.result);
  return makeDocument(results, seconds, version === undefined ? {} : { version });
}

/** What the shards found to tell, all together. */
export function witnessesIn(documents: readonly ConformanceDocument[]): readonly CellWitness[] {
  return documents.flatMap(({ shard }) => shard?.witnesses ?? []);
}

function oneVersion(documents: readonly ConformanceDocument[]): string | undefined {
  const versions = [...new Set(documents.flatMap(({ version }) => version ?? []))];
  if (versions.length < 2) return versions[0];
  throw new ReportError(
    'REPORT_VERSIONS',
    `the documents were made by faultpath ${versions.join(' and ')}; run every shard with one version`,
  );
}

function requireEveryShard(documents: readonly ConformanceDocument[]): void {
  const runs = new Map<string, { readonly of: number; readonly came: Set<number> }>();
  for (const { shard } of documents) {
    if (shard === undefined) continue;
    const name = `${shard.index}/${shard.of}`;
    const known = runs.get(shard.run) ?? { of: shard.of, came: new Set<number>() };
    runs.set(shard.run, known);
    if (known.of !== shard.of)
      refuse(`one run was cut into ${known.of} shards here and into ${shard.of} there; cut it alike on every machine`);
    if (known.came.has(shard.index)) refuse(`the shard ${name} is there twice; give each document once`);
    known.came.add(shard.index);
  }
  for (const { of, came } of runs.values()) {
    const missing = Array.from({ length: of }, (_, index) => index + 1).filter((index) => !came.has(index));
    if (missing.length === 0) continue;
    const other = runs.size > 1 ? ', or the shards were asked for different things' : '';
    refuse(`${missing.map((index) => `${index}/${of}`).join(' and ')} of the shards is missing${other}`);
  }
}

function refuse(why: string): never {
  throw new ReportError('REPORT_SHARDS', why);
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortedKeys(inner)]),
  );
}
