import type { Finding } from '@faultpath/lockdep';
import { exitCodeOf, explainCell } from './build.ts';
import { type CaseResult, type ConformanceDocument, cellKey, rulePage } from './document.ts';
import { plainText, safeJson } from './text.ts';
import { lockPhrase, tellFinding } from './witness.ts';

/** Where the pages of `docs/` are published, if anywhere, and which release made the report. */
export interface SarifOptions {
  /** Absolute URL that rule pages are relative to; without it no help link is written. */
  readonly docsBase?: string;
  readonly version?: string;
}

const levels: Readonly<Record<Finding['level'], string>> = { error: 'error', advisory: 'warning', note: 'note' };

/** Rule of results that no finding explains: an expected failure that passed. */
const verdictRule = 'faultpath/verdict';

function text(value: string): { readonly text: string } {
  return { text: plainText(value) || '-' };
}

function uriOf(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function location(cell: CaseResult, finding: Finding | undefined): unknown {
  const { file, line } = finding?.where ?? {};
  return {
    ...(file === undefined
      ? {}
      : {
          physicalLocation: {
            artifactLocation: { uri: uriOf(plainText(file)) },
            ...(line === undefined || line < 1 ? {} : { region: { startLine: line } }),
          },
        }),
    logicalLocations: [{ name: plainText(cell.case), fullyQualifiedName: plainText(cellKey(cell)) }],
  };
}

function stacks(finding: Finding): unknown[] {
  const frames = (functions: readonly string[]): unknown[] =>
    functions.map((name) => ({ location: { logicalLocations: [{ name: plainText(name), kind: 'function' }] } }));
  return (finding.cycle ?? []).map((member) => ({
    message: text(`${member.task} waits for ${lockPhrase(member.wants)}`),
    frames: frames(member.backtrace),
  }));
}

function result(cell: CaseResult, finding: Finding | undefined, ruleIndex: number): unknown {
  const rule = finding?.rule ?? verdictRule;
  const because = finding === undefined ? [] : [...finding.because.map((step) => step.text), ...tellFinding(finding)];
  const should = cell.verdict === 'fail' && cell.level === 'SHOULD';
  const traced = finding === undefined ? [] : stacks(finding);
  return {
    ruleId: plainText(rule),
    ruleIndex,
    level: should ? 'warning' : finding === undefined ? 'error' : levels[finding.level],
    message: text([finding?.claim ?? explainCell(cell), ...because].join(' ')),
    locations: [location(cell, finding)],
    partialFingerprints: { 'cellAndRule/v1': plainText(`${cellKey(cell)} ${rule}`) },
    ...(traced.length === 0 ? {} : { stacks: traced }),
    ...(cell.verdict === 'xfail'
      ? { suppressions: [{ kind: 'external', status: 'accepted', justification: plainText(cell.reason ?? '') }] }
      : {}),
    properties: {
      verdict: cell.verdict,
      counterfactual: cell.counterfactual,
      states: cell.states,
      bounds: cell.bounds,
      ...(finding?.schedule === undefined ? {} : { schedule: plainText(finding.schedule) }),
    },
  };
}

/** SARIF 2.1.0. An expected failure is a suppressed result; a search that was not exhausted is a notification. */
export function toSarif(document: ConformanceDocument, options: SarifOptions = {}): string {
  const reported = document.results.flatMap((cell): [CaseResult, Finding | undefined][] => {
    if (cell.verdict === 'xpass') return [[cell, undefined]];
    if (cell.verdict === 'fail' && cell.findings.length === 0) return [[cell, undefined]];
    return cell.findings.map((finding) => [cell, finding]);
  });
  const rules = [...new Set(reported.map(([, finding]) => finding?.rule ?? verdictRule))].sort();
  const unfinished = document.results.filter((cell) => cell.verdict === 'incomplete');
  return `${safeJson({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'faultpath',
            ...(options.version === undefined ? {} : { semanticVersion: options.version }),
            rules: rules.map((id) => ({
              id: plainText(id),
              ...(options.docsBase === undefined || id === verdictRule
                ? {}
                : { helpUri: encodeURI(`${options.docsBase.replace(/\/$/, '')}/${rulePage(id)}`) }),
            })),
          },
        },
        invocations: [
          {
            executionSuccessful: exitCodeOf(document) !== 2,
            toolExecutionNotifications: unfinished.map((cell) => ({
              level: 'error',
              message: text(`${cellKey(cell)}: ${explainCell(cell)}`),
            })),
          },
        ],
        results: reported.map(([cell, finding]) => result(cell, finding, rules.indexOf(finding?.rule ?? verdictRule))),
      },
    ],
  })}\n`;
}
