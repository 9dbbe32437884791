import { explainCell, type Outcome, outcomeOf } from './build.ts';
import type { CaseResult, ConformanceDocument } from './document.ts';
import { plainStyle } from './style.ts';
import { renderFinding } from './terminal-finding.ts';
import { xmlText } from './text.ts';

const tags: Readonly<Record<Exclude<Outcome, 'passed'>, string>> = {
  failed: 'failure',
  unfinished: 'error',
  skipped: 'skipped',
};

function testcase(cell: CaseResult): string {
  const name = xmlText(`${cell.case} ${cell.title}`);
  const open = `    <testcase name="${name}" classname="${xmlText(`${cell.fs}.${cell.era}.${cell.policy}`)}">`;
  const outcome = outcomeOf(cell);
  const lines = [open];
  if (outcome !== 'passed') {
    const tag = tags[outcome];
    const message = xmlText(explainCell(cell));
    // The skipped element holds no text in the schema that readers check against.
    lines.push(
      outcome === 'skipped'
        ? `      <skipped message="${message}"/>`
        : `      <${tag} type="${cell.verdict}" message="${message}">${xmlText(cell.findings.map((finding) => renderFinding(finding, plainStyle)).join('\n'))}</${tag}>`,
    );
  }
  if (cell.notes.length > 0) lines.push(`      <system-out>${xmlText(cell.notes.join('\n'))}</system-out>`);
  return lines.length === 1 ? `${open.slice(0, -1)}/>` : [...lines, '    </testcase>'].join('\n');
}

/** JUnit XML in the form that Jenkins, GitLab and GitHub readers take: a suite per filesystem, release and policy. */
export function toJUnit(document: ConformanceDocument): string {
  const suites = new Map<string, CaseResult[]>();
  for (const cell of document.results) {
    const key = `${cell.fs} ${cell.era} ${cell.policy}`;
    suites.set(key, [...(suites.get(key) ?? []), cell]);
  }
  const count = (cells: readonly CaseResult[], outcome: Outcome): number =>
    cells.filter((cell) => outcomeOf(cell) === outcome).length;
  const counts = (cells: readonly CaseResult[]): string =>
    `tests="${cells.length}" failures="${count(cells, 'failed')}" errors="${count(cells, 'unfinished')}"`;
  const time = document.summary.seconds === undefined ? '' : ` time="${document.summary.seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="faultpath" ${counts(document.results)}${time}>`,
    ...[...suites].flatMap(([name, cells]) => [
      `  <testsuite name="${xmlText(name)}" ${counts(cells)} skipped="${count(cells, 'skipped')}">`,
      ...cells.map(testcase),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}
