import type { Finding } from '@faultpath/lockdep';
import { compareNames, comparePolicies } from './build.ts';
import { type CaseResult, type ConformanceDocument, cellKey, rulePage } from './document.ts';
import { htmlStyle } from './html-style.ts';
import { cycleSvg } from './svg-cycle.ts';
import { lanesSvg } from './svg-lanes.ts';
import { wherePhrase } from './terminal-finding.ts';
import { renderSummary } from './terminal-table.ts';
import { thousands, xmlText } from './text.ts';
import { lockPhrase, partWitness, tellFinding, type Witness } from './witness.ts';

export interface HtmlOptions {
  readonly title?: string;
  /** Schedules to draw, in this order, after the table. */
  readonly witnesses?: readonly Witness[];
  /** Absolute URL that rule pages are relative to; without it they are named, not linked. */
  readonly docsBase?: string;
}

function cellHtml(cell: CaseResult | undefined): string {
  if (cell === undefined) return '<td class="soft">·</td>';
  const marks = `${cell.counterfactual ? '*' : ''}${cell.sameAs === undefined ? '' : '='}`;
  const bounds = Object.entries(cell.bounds).map(([name, value]) => `${name} ${value}`);
  const tip = [
    cell.reason ?? '',
    bounds.length === 0 ? '' : `within ${bounds.join(', ')}`,
    cell.sameAs === undefined ? '' : `explored as ${cell.sameAs}`,
    ...cell.notes,
  ];
  const states = cell.verdict === 'notrun' ? '' : ` <span class="states">${thousands(cell.states)}</span>`;
  const said = tip.filter((line) => line !== '').join('\n');
  return `<td title="${xmlText(said)}"><span class="${cell.verdict}">${cell.verdict}</span>${states}${marks}</td>`;
}

function fsTable(fs: string, cells: readonly CaseResult[]): string {
  const columns = [...new Map(cells.map((cell) => [JSON.stringify([cell.era, cell.policy]), cell])).values()].sort(
    (a, b) => compareNames(a.era, b.era) || comparePolicies(a.policy, b.policy),
  );
  const cases = [...new Map(cells.map((cell) => [cell.case, cell])).values()].sort((a, b) =>
    compareNames(a.case, b.case),
  );
  const byKey = new Map(cells.map((cell) => [cellKey(cell), cell]));
  return [
    `<h2>${xmlText(fs)}</h2>`,
    '<div class="scroll"><table>',
    `<thead><tr><th>case</th>${columns.map((column) => `<th>${xmlText(column.era)}<br/>${xmlText(column.policy)}</th>`).join('')}<th>title</th></tr></thead>`,
    '<tbody>',
    ...cases.map((row) => {
      const level = row.level === 'SHOULD' ? ' (SHOULD)' : '';
      const data = columns.map((column) => cellHtml(byKey.get(cellKey({ ...column, case: row.case }))));
      return `<tr><th class="mono">${xmlText(row.case)}</th>${data.join('')}<td class="title">${xmlText(row.title)}${level}</td></tr>`;
    }),
    '</tbody>',
    '</table></div>',
  ].join('\n');
}

function ruleHtml(rule: string, options: HtmlOptions): string {
  const page = rulePage(rule);
  const name = `<code>${xmlText(rule)}</code>`;
  if (options.docsBase === undefined || !/^https?:\/\//.test(options.docsBase))
    return `${name} <span class="soft">(${xmlText(page)})</span>`;
  return `<a href="${xmlText(encodeURI(`${options.docsBase.replace(/\/$/, '')}/${page}`))}">${name}</a>`;
}

function cycleTable(finding: Finding): string {
  const rows = (finding.cycle ?? []).map(
    (member) =>
      `<tr><th>${xmlText(member.task)}</th><td>${xmlText(member.holds.map(lockPhrase).join(', ')) || '-'}</td><td>${xmlText(lockPhrase(member.wants))}</td>` +
      `<td class="mono">${xmlText(member.mask ?? '-')}</td><td class="mono">${member.backtrace.map(xmlText).join('<br/>') || '-'}</td></tr>`,
  );
  if (rows.length === 0) return '';
  return `<div class="scroll"><table><thead><tr><th>task</th><th>holds</th><th>waits for</th><th>mask</th><th>at</th></tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

function findingHtml(finding: Finding, heading: string, options: HtmlOptions): string {
  const told = tellFinding(finding);
  const because = finding.because.map((step) => {
    const where = wherePhrase(step.where);
    const who = step.task === undefined ? '' : `${step.task}: `;
    return `<li>${xmlText(who + step.text)}${where === '' ? '' : ` <span class="soft">(${xmlText(where)})</span>`}</li>`;
  });
  const { feasibility } = finding;
  return [
    '<article>',
    `<p class="soft">${xmlText(heading)}</p>`,
    `<p class="claim">${xmlText(finding.claim)}</p>`,
    `<p>${xmlText(finding.level)} ${ruleHtml(finding.rule, options)}</p>`,
    `<ul>${because.join('')}</ul>`,
    cycleTable(finding),
    ...told.map((sentence) => `<p>${xmlText(sentence)}</p>`),
    feasibility === undefined || feasibility.verdict === 'witnessed'
      ? ''
      : `<p>${feasibility.verdict}: ${xmlText(feasibility.why)}</p>`,
    finding.schedule === undefined
      ? ''
      : `<details><summary>schedule</summary><pre>${xmlText(finding.schedule)}</pre></details>`,
    '</article>',
  ].join('\n');
}

function witnessHtml(witness: Witness, options: HtmlOptions): string {
  const { finding } = witness;
  const { ring, behind } = partWitness(witness);
  return [
    findingHtml(finding, 'a schedule that shows it', options),
    `<div class="scroll">${lanesSvg(ring)}</div>`,
    behind.length === 0 ? '' : `<p>Behind them: ${xmlText(behind.join('; '))}</p>`,
    finding.cycle === undefined || finding.cycle.length === 0
      ? ''
      : `<div class="scroll">${cycleSvg(finding.cycle)}</div>`,
    `<p>See it again:</p><pre>${xmlText(witness.replay)}</pre>`,
  ].join('\n');
}

/**
 * One self-contained page: no script, no font, image or style from elsewhere, which its own policy forbids as well.
 * It is well-formed XML too, so that any parser reads it.
 */
export function toHtml(document: ConformanceDocument, options: HtmlOptions = {}): string {
  const { results } = document;
  const title = options.title ?? 'faultpath conformance';
  const names = [...new Set(results.map((cell) => cell.fs))].sort(compareNames);
  const shown = results.filter((cell) => cell.findings.length > 0);
  const noted = results.filter((cell) => cell.notes.length > 0);
  return [
    '<!DOCTYPE html>',
    '<html lang="en"><head><meta charset="utf-8"/>',
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'"/>',
    '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
    `<title>${xmlText(title)}</title><style>${htmlStyle}</style></head><body>`,
    `<h1>${xmlText(title)}</h1><p>${xmlText(renderSummary(document.summary))}</p>`,
    ...names.map((fs) =>
      fsTable(
        fs,
        results.filter((cell) => cell.fs === fs),
      ),
    ),
    '<p class="soft">The number is states explored. * counterfactual: no release ever had this policy. = explored once together with another cell.</p>',
    ...(options.witnesses ?? []).map((witness, i) => `<h2>Witness ${i + 1}</h2>\n${witnessHtml(witness, options)}`),
    shown.length === 0 ? '' : '<h2>Findings</h2>',
    ...shown.flatMap((cell) =>
      cell.findings.map((finding) => findingHtml(finding, `${cellKey(cell)}: ${cell.verdict}`, options)),
    ),
    noted.length === 0 ? '' : '<h2>Notes</h2>',
    ...noted.map(
      (cell) =>
        `<p><code>${xmlText(cellKey(cell))}</code></p><ul>${cell.notes.map((note) => `<li>${xmlText(note)}</li>`).join('')}</ul>`,
    ),
    '</body></html>',
    '',
  ].join('\n');
}
