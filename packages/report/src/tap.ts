import { explainCell, outcomeOf } from './build.ts';
import { type CaseResult, type ConformanceDocument, cellKey, rulePage } from './document.ts';
import { safeJson, tapDescription } from './text.ts';

// A JSON string is a YAML scalar, so nothing inside can end the block.
function diagnostics(cell: CaseResult): string[] {
  const entries: (readonly [string, unknown])[] = [
    ['verdict', cell.verdict],
    ['message', explainCell(cell)],
    ['states', cell.states],
    ['exhausted', cell.exhausted],
    [
      'findings',
      cell.findings.map((finding) => ({
        rule: finding.rule,
        claim: finding.claim,
        schedule: finding.schedule,
        see: rulePage(finding.rule),
      })),
    ],
  ];
  return ['  ---', ...entries.map(([key, value]) => `  ${key}: ${safeJson(value, 0)}`), '  ...'];
}

function directive(cell: CaseResult): string {
  const text = tapDescription(explainCell(cell));
  if (cell.verdict === 'notrun') return ` # SKIP ${text}`;
  return cell.verdict === 'xfail' || cell.verdict === 'fail' ? ` # TODO ${text}` : '';
}

/** TAP version 14. A run without a single cell bails out: an empty plan would count as a success. */
export function toTap(document: ConformanceDocument): string {
  if (document.results.length === 0) return 'TAP version 14\nBail out! nothing was run\n';
  const lines = document.results.flatMap((cell, i) => {
    const outcome = outcomeOf(cell);
    const ok = cell.verdict === 'pass' || cell.verdict === 'notrun';
    const point = `${ok ? 'ok' : 'not ok'} ${i + 1} - ${tapDescription(`${cellKey(cell)}: ${cell.title}`)}`;
    return outcome === 'skipped' ? [point + directive(cell)] : ok ? [point] : [point, ...diagnostics(cell)];
  });
  return ['TAP version 14', `1..${document.results.length}`, ...lines, ''].join('\n');
}
