import type { ConformanceDocument } from './document.ts';
import { cellKey } from './document.ts';
import type { TerminalStyle } from './style.ts';
import { paint } from './style.ts';
import { renderFinding } from './terminal-finding.ts';
import { renderTable } from './terminal-table.ts';
import { renderWitness } from './terminal-witness.ts';
import { plainText } from './text.ts';
import type { Witness } from './witness.ts';

/** The whole answer of a run for a terminal: table, unexpected findings, witnesses. */
export function renderConformance(
  document: ConformanceDocument,
  style: TerminalStyle,
  witnesses: readonly Witness[] = [],
): string {
  const told = new Set(witnesses.map((witness) => witness.finding.claim));
  const parts = [renderTable(document, style)];
  for (const cell of document.results) {
    if (cell.verdict !== 'fail' && cell.verdict !== 'incomplete') continue;
    for (const finding of cell.findings) {
      // A claim that is told as a witness below needs no second telling, nor one that holds in every era.
      if (told.has(finding.claim)) continue;
      told.add(finding.claim);
      parts.push(`${paint(style, plainText(cellKey(cell)), 'bold')}\n${renderFinding(finding, style)}`);
    }
  }
  for (const witness of witnesses) parts.push(renderWitness(witness, style));
  return parts.join('\n');
}
