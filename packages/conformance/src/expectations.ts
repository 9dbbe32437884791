import { eraNames, policyNames } from '@faultpath/mm';
import { ConformanceError } from './errors.ts';
import type { Cell, CellResult } from './result.ts';
import { ruleIds } from './rules.ts';

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

/** What an expectation may name. Filesystems may be any: one file may serve several repositories. */
const KNOWN: Readonly<Record<string, readonly string[]>> = { era: eraNames, policy: policyNames, rules: ruleIds };

/**
 * Reads an expectations file. With `cases`, their ids, an expectation of another one is refused: it would never count.
 *
 * @throws ConformanceError `CONFORMANCE_EXPECTATIONS` naming the file and the field, or the line and column of what is no JSON
 */
export function parseExpectations(text: string, file: string, cases?: readonly string[]): readonly Expectation[] {
  const refuse = (field: string, why: string): never => {
    throw new ConformanceError('CONFORMANCE_EXPECTATIONS', `${file}: ${field}`, why);
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ConformanceError(
      'CONFORMANCE_EXPECTATIONS',
      `${file}:${placeIn(text, message)}`,
      `is not JSON: ${message}`,
    );
  }
  const document = parsed as Partial<ExpectationsFile> | null;
  if (typeof document !== 'object' || document === null || document.schema !== 'faultpath/expectations/1') {
    return refuse('schema', "must be 'faultpath/expectations/1'");
  }
  if (!Array.isArray(document.expect)) return refuse('expect', 'must be a list');
  return document.expect.map((entry: unknown, index) => checkEntry(entry, `expect[${index}]`, cases, refuse));
}

/** Line and column, from 1, of what a JSON error is about; where it does not say, the text ended too early. */
function placeIn(text: string, message: string): string {
  const [, position] = /position (\d+)/.exec(message) ?? [];
  const before = text.slice(0, position === undefined ? text.length : Number(position)).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

function checkEntry(
  entry: unknown,
  at: string,
  cases: readonly string[] | undefined,
  refuse: (field: string, why: string) => never,
): Expectation {
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
    const known = KNOWN[field];
    const strange = value.find((each) => known !== undefined && !known.includes(each));
    if (strange !== undefined) refuse(`${at}.${field}`, `there is no '${strange}'; known: ${known?.join(', ')}`);
  }
  if (cases !== undefined && !cases.includes(String(record['case'])))
    refuse(`${at}.case`, `there is no case '${record['case']}'; faultpath list cases names them`);
  const { expires } = record;
  if (expires !== undefined && (typeof expires !== 'string' || !isDate(expires))) {
    refuse(`${at}.expires`, 'must be a date such as 2027-06-30');
  }
  return record as unknown as Expectation;
}

/** Dates are compared as texts: only this form sorts like time. */
function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
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
