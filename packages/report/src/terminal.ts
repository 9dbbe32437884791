import type { Finding } from '@faultpath/lockdep';
import { type CaseResult, type ConformanceDocument, cellKey } from './document.ts';
import { hang } from './layout.ts';
import type { TerminalStyle } from './style.ts';
import { paint } from './style.ts';
import { renderFinding } from './terminal-finding.ts';
import { renderTable } from './terminal-table.ts';
import { renderWitness } from './terminal-witness.ts';
import { plainText } from './text.ts';
import type { Witness } from './witness.ts';

/** One line for what is no defect by itself: how it was followed up is in the JSON document and on the page. */
function renderNote(cell: CaseResult, finding: Finding, style: TerminalStyle): string {
  const { feasibility } = finding;
  const end =
    feasibility === undefined || feasibility.verdict === 'witnessed'
      ? ''
      : ` (${feasibility.verdict}: ${feasibility.why})`;
  const text = `${cellKey(cell)}: ${finding.rule}: ${finding.claim}${end}`;
  return `${hang('note ', plainText(text), style.width).join('\n')}\n`;
}

/**
 * The whole answer of a run for a terminal: table, what failed and is not told by a witness, the first of the witnesses.
 * The others are on the page.
 */
export function renderConformance(
  document: ConformanceDocument,
  style: TerminalStyle,
  witnesses: readonly Witness[] = [],
): string {
  const [witness] = witnesses;
  const told = new Set(witness === undefined ? [] : [witness.finding.claim]);
  const parts = [renderTable(document, style)];
  for (const cell of document.results) {
    if (cell.verdict !== 'fail' && cell.verdict !== 'incomplete') continue;
    for (const finding of cell.findings) {
      // A claim that is told already, below or for another release, needs no second telling.
      if (told.has(finding.claim)) continue;
      told.add(finding.claim);
      parts.push(
        finding.level === 'note'
          ? renderNote(cell, finding, style)
          : `${paint(style, plainText(cellKey(cell)), 'bold')}\n${renderFinding(finding, style)}`,
      );
    }
  }
  if (witness !== undefined) parts.push(renderWitness(witness, style));
  return parts.join('\n');
}
