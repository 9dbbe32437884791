import type { Finding } from '@faultpath/lockdep';
import { explainCell, outcomeOf } from './build.ts';
import { type CaseResult, type ConformanceDocument, cellKey, rulePage } from './document.ts';
import { githubData, githubProperty } from './text.ts';

function annotation(kind: 'error' | 'warning' | 'notice', title: string, message: string, finding?: Finding): string {
  const { file, line } = finding?.where ?? {};
  const properties = [
    ...(file === undefined ? [] : [`file=${githubProperty(file)}`]),
    ...(file === undefined || line === undefined ? [] : [`line=${line}`]),
    `title=${githubProperty(title)}`,
  ];
  return `::${kind} ${properties.join(',')}::${githubData(message)}`;
}

function messageOf(finding: Finding): string {
  const because = finding.because.map((step) => `because ${step.text}`);
  return [finding.claim, ...because, `see ${rulePage(finding.rule)}`].join('\n');
}

function annotate(cell: CaseResult): string[] {
  const title = (rule?: string): string => `faultpath ${cellKey(cell)}${rule === undefined ? '' : ` ${rule}`}`;
  if (cell.verdict === 'xfail') return [annotation('notice', title(), explainCell(cell))];
  if (cell.verdict === 'pass' || cell.verdict === 'notrun') return [];
  const kind = outcomeOf(cell) === 'skipped' ? 'warning' : 'error';
  if (cell.verdict !== 'fail' || cell.findings.length === 0) return [annotation(kind, title(), explainCell(cell))];
  return cell.findings.map((finding) => annotation(kind, title(finding.rule), messageOf(finding), finding));
}

/** GitHub workflow commands, one a line: an error for each failure, a notice for each expected one. */
export function toGitHub(document: ConformanceDocument): string {
  if (document.results.length === 0) return `${annotation('error', 'faultpath', 'nothing was run')}\n`;
  return document.results
    .flatMap(annotate)
    .map((line) => `${line}\n`)
    .join('');
}
