import { ConformanceError } from './errors.ts';
import type { Cell, CellResult } from './result.ts';

/** A failure that is known: where, why, and where it is discussed. Absent fields match everything. */
export interface Expectation {
  readonly case: string;
  readonly fs?: readonly string[];
  readonly era?: readonly string[];
  readonly policy?: readonly string[];
  /** Rules that are expected to report something. */
  readonly rules: readonly string[];
  readonly reason: string;
  readonly link: string;
  /** ISO date from which on the expectation no longer counts. */
  readonly expires?: string;
}

/** Expectations as a file holds them. */
export interface ExpectationsFile {
  readonly schema: 'faultpath/expectations/1';
  readonly expect: readonly Expectation[];
}

const FIELDS = new Set(['case', 'fs', 'era', 'policy', 'rules', 'reason', 'link', 'expires']);

/** Reads an expectations file. Throws `CONFORMANCE_EXPECTATIONS` naming the file and the field. */
export function parseExpectations(text: string, file: string): readonly Expectation[] {
  const refuse = (field: string, why: string): never => {
    throw new ConformanceError('CONFORMANCE_EXPECTATIONS', `${file}: ${field}`, why);
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return refuse('file', `is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const document = parsed as Partial<ExpectationsFile> | null;
  if (typeof document !== 'object' || document === null || document.schema !== 'faultpath/expectations/1') {
    return refuse('schema', "must be 'faultpath/expectations/1'");
  }
  if (!Array.isArray(document.expect)) return refuse('expect', 'must be a list');
  return document.expect.map((entry: unknown, index) => checkEntry(entry, `expect[${index}]`, refuse));
}

function checkEntry(entry: unknown, at: string, refuse: (field: string, why: string) => never): Expectation {
  if (typeof entry !== 'object' || entry === null) return refuse(at, 'must be a record');
  const record = entry as Record<string, unknown>;
  for (const field of Object.keys(record))
    if (!FIELDS.has(field)) refuse(`${at}.${field}`, `is not known; known: ${[...FIELDS].join(', ')}`);
  for (const field of ['case', 'reason', 'link']) {
    if (typeof record[field] !== 'string' || record[field] === '') refuse(`${at}.${field}`, 'is required, as text');
  }
  for (const field of ['fs', 'era', 'policy', 'rules']) {
    const value = record[field];
    if (value === undefined && field !== 'rules') continue;
    if (!Array.isArray(value) || value.length === 0 || value.some((each) => typeof each !== 'string')) {
      refuse(`${at}.${field}`, 'must be a list of names');
    }
  }
  const { expires } = record;
  if (expires !== undefined && (typeof expires !== 'string' || Number.isNaN(Date.parse(expires)))) {
    refuse(`${at}.expires`, 'must be a date such as 2027-06-30');
  }
  return record as unknown as Expectation;
}

/** The expectation that covers a cell on a day, if any. */
export function expectationFor(
  cell: Cell,
  expectations: readonly Expectation[],
  today: string,
): Expectation | undefined {
  const covers = (names: readonly string[] | undefined, name: string): boolean =>
    names === undefined || names.includes(name);
  return expectations.find(
    (each) =>
      each.case === cell.case &&
      covers(each.fs, cell.fs) &&
      covers(each.era, cell.era) &&
      covers(each.policy, cell.policy) &&
      (each.expires === undefined || today < each.expires),
  );
}

/**
 * Turns an expected failure into `xfail`, and a pass where a failure was expected into `xpass`, which is an error. A
 * failure by a rule that was not expected stays a failure.
 */
export function applyExpectation(result: CellResult, expectation: Expectation | undefined): CellResult {
  if (expectation === undefined) return result;
  const { reason, link } = expectation;
  if (result.verdict === 'pass') return { ...result, verdict: 'xpass', reason: `expected to fail: ${reason}`, link };
  if (result.verdict !== 'fail') return result;
  const strange = result.findings.find(
    (finding) => finding.level === 'error' && !expectation.rules.includes(finding.rule),
  );
  if (strange !== undefined) {
    return { ...result, reason: `${strange.rule} was not expected; expected: ${expectation.rules.join(', ')}`, link };
  }
  return { ...result, verdict: 'xfail', reason, link };
}
