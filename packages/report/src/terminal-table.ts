import { compareNames, comparePolicies } from './build.ts';
import {
  type CaseResult,
  type ConformanceDocument,
  cellKey,
  type Summary,
  type Verdict,
  verdicts,
} from './document.ts';
import { hang, padEnd, textWidth, wrap } from './layout.ts';
import { glyphs, type Paint, paint, type TerminalStyle } from './style.ts';
import { plainText, plural, thousands } from './text.ts';

const colours: Readonly<Record<Verdict, readonly Paint[]>> = {
  pass: ['green'],
  fail: ['red', 'bold'],
  xpass: ['red', 'bold'],
  xfail: ['yellow'],
  incomplete: ['magenta'],
  notrun: ['dim'],
};

/** The policies of one case that come to the same in every era: one row. */
interface Row {
  readonly case: string;
  /** Their names; the row that most of them share says so instead. */
  readonly label: string;
  /** Of each era, the cells of all these policies. */
  readonly cells: ReadonlyMap<string, readonly CaseResult[]>;
}

function cellText(cells: readonly CaseResult[]): string {
  const [cell] = cells;
  if (cell === undefined) return '';
  const marks = `${cells.every((each) => each.counterfactual) ? '*' : ''}${cells.every((each) => each.sameAs !== undefined) ? '=' : ''}`;
  const states = cell.verdict === 'notrun' ? '' : ` ${thousands(cell.states)}`;
  return `${cell.verdict}${states}${marks}`;
}

/** Policies of a case are put together where no cell tells them apart. */
function rowsOf(cells: readonly CaseResult[]): Row[] {
  const rows: Row[] = [];
  for (const id of [...new Set(cells.map((cell) => cell.case))].sort(compareNames)) {
    const own = cells.filter((cell) => cell.case === id);
    const groups = new Map<string, string[]>();
    for (const policy of [...new Set(own.map((cell) => cell.policy))].sort(comparePolicies)) {
      const outcome = own
        .filter((cell) => cell.policy === policy)
        .map((cell) => [
          cell.era,
          cell.verdict,
          cell.states,
          cell.reason,
          cell.findings.map((finding) => finding.claim),
        ])
        .sort((a, b) => compareNames(String(a[0]), String(b[0])));
      const key = JSON.stringify(outcome);
      groups.set(key, [...(groups.get(key) ?? []), policy]);
    }
    const most = Math.max(...[...groups.values()].map((policies) => policies.length));
    for (const policies of groups.values()) {
      const members = own.filter((cell) => policies.includes(cell.policy));
      const byEra = new Map<string, CaseResult[]>();
      for (const cell of members) byEra.set(cell.era, [...(byEra.get(cell.era) ?? []), cell]);
      const label =
        groups.size === 1 ? 'every policy' : policies.length === most && most > 2 ? 'all others' : policies.join(', ');
      rows.push({ case: id, label, cells: byEra });
    }
  }
  // What a filesystem has nothing for is told once, with the reasons, and not in a row of its own.
  const run = rows.filter((row) => [...row.cells.values()].flat().some((cell) => cell.verdict !== 'notrun'));
  return run.length > 0 ? run : rows;
}

interface Column {
  readonly era: string;
  readonly width: number;
}

/** Columns that fit beside the first ones, at least one a block. */
function blocksOf(columns: readonly Column[], room: number): Column[][] {
  const blocks: Column[][] = [];
  let left = 0;
  for (const column of columns) {
    const last = blocks.at(-1);
    if (last !== undefined && column.width + 3 <= left) {
      last.push(column);
      left -= column.width + 3;
    } else {
      blocks.push([column]);
      left = room - column.width - 3;
    }
  }
  return blocks;
}

/** The longest name of a policy. */
const policyWidth = 15;

function fsTable(fs: string, cells: readonly CaseResult[], style: TerminalStyle): string[] {
  const g = glyphs(style);
  const rows = rowsOf(cells);
  const policies = new Set(cells.map((cell) => cell.policy));
  const [only] = policies;
  const title = policies.size === 1 && only !== undefined ? `${fs}, ${only}` : fs;
  const first = Math.max(textWidth(plainText(title)), ...rows.map((row) => textWidth(plainText(row.case))));
  const second = policies.size === 1 ? 0 : Math.min(policyWidth, Math.max(10, Math.floor(style.width / 6)));
  const columns = [...new Set(cells.map((cell) => cell.era))].sort(compareNames).map((era): Column => {
    const texts = [plainText(era), ...rows.map((row) => cellText(row.cells.get(era) ?? []))];
    return { era, width: Math.max(...texts.map(textWidth)) };
  });
  const lines: string[] = [];
  for (const block of blocksOf(columns, style.width - first - (second === 0 ? 0 : second + 3))) {
    const line = (head: string, policy: string, cell: (column: Column) => readonly [string, ...Paint[]]): string =>
      [
        head,
        ...(second === 0 ? [] : [padEnd(policy, second)]),
        ...block.map((column) => {
          const [text, ...how] = cell(column);
          return paint(style, text, ...how) + ' '.repeat(Math.max(0, column.width - textWidth(text)));
        }),
      ]
        .join(` ${g.bar} `)
        .trimEnd();
    lines.push(
      line(paint(style, padEnd(plainText(title), first), 'bold'), 'policy', (column) => [
        plainText(column.era),
        'bold',
      ]),
      [first, ...(second === 0 ? [] : [second]), ...block.map((column) => column.width)]
        .map((width) => g.line.repeat(width))
        .join(g.line + g.cross + g.line),
    );
    let above = '';
    for (const row of rows) {
      const names = second === 0 ? [''] : wrap(plainText(row.label), second);
      for (const [index, name] of names.entries()) {
        const head = index === 0 && row.case !== above ? plainText(row.case) : '';
        lines.push(
          line(padEnd(head, first), name, (column) => {
            if (index > 0) return [''];
            const found = row.cells.get(column.era);
            const verdict = found?.[0]?.verdict;
            return found === undefined || verdict === undefined
              ? [g.none, 'dim']
              : [cellText(found), ...colours[verdict]];
          }),
        );
      }
      above = row.case;
    }
    lines.push('');
  }
  return lines;
}

/** Reasons once each, with the cells that share them. */
function reasons(cells: readonly CaseResult[], style: TerminalStyle): string[] {
  const groups = new Map<string, CaseResult[]>();
  for (const cell of cells) {
    if (cell.reason === undefined) continue;
    const key = JSON.stringify([cell.verdict, cell.reason, cell.link ?? '']);
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()].flatMap((group) => {
    const [cell] = group;
    if (cell === undefined) return [];
    const where = group.length === 1 ? cellKey(cell) : `${plural(group.length, 'cell')}, the first is ${cellKey(cell)}`;
    const link = cell.link === undefined ? '' : ` <${cell.link}>`;
    return hang(`${cell.verdict}: `, plainText(`${cell.reason}${link} [${where}]`), style.width);
  });
}

/** A verdict holds within its bounds: the least and the most of each in what was explored. */
function boundsLines(cells: readonly CaseResult[], style: TerminalStyle): string[] {
  const explored = cells.filter(({ verdict }) => verdict !== 'notrun');
  const told = [...new Set(explored.flatMap(({ bounds }) => Object.keys(bounds)))].map((name) => {
    const counts = explored.flatMap(({ bounds }) => bounds[name] ?? []);
    const [from, to] = [Math.min(...counts), Math.max(...counts)];
    return `${name} ${from === to ? from : `${from} to ${to}`}`;
  });
  const asked = [...new Set(explored.flatMap(({ larger }) => larger ?? []))];
  const larger = asked.length === 0 ? '' : `; at least ${asked.join(' or ')} in cases about faults`;
  return told.length === 0 ? [] : hang('bounds: ', plainText(`${told.join(', ')}${larger}`), style.width);
}

/** The last line of a run: `24 cells: 1 fail, 23 pass; 4,711 states, 12,345 transitions in 3.2 s`. */
export function renderSummary(summary: Summary): string {
  const cells = verdicts.reduce((sum, verdict) => sum + summary[verdict], 0);
  if (cells === 0) return 'no cells: nothing was run, so nothing is proved';
  const counts = verdicts
    .filter((verdict) => summary[verdict] > 0)
    .map((verdict) => `${thousands(summary[verdict])} ${verdict}`);
  const time = summary.seconds === undefined ? '' : ` in ${summary.seconds.toFixed(1)} s`;
  return `${plural(cells, 'cell')}: ${counts.join(', ')}; ${plural(summary.states, 'state')}, ${plural(summary.transitions, 'transition')}${time}`;
}

/**
 * The table filesystem x era x policy x case: verdict and states explored per cell, reasons and titles below. Policies
 * that no cell of a case tells apart share its row. Blocks of columns follow each other where the terminal is narrow.
 */
export function renderTable(document: ConformanceDocument, style: TerminalStyle): string {
  const { results } = document;
  const names = [...new Set(results.map((cell) => cell.fs))].sort(compareNames);
  const lines = names.flatMap((fs) =>
    fsTable(
      fs,
      results.filter((cell) => cell.fs === fs),
      style,
    ),
  );
  const titles = new Map(results.map((cell) => [cell.case, cell]));
  const idWidth = Math.max(0, ...[...titles.keys()].map((id) => textWidth(plainText(id))));
  for (const [id, cell] of [...titles].sort(([a], [b]) => compareNames(a, b))) {
    const level = cell.level === 'SHOULD' ? ' (SHOULD)' : '';
    lines.push(...hang(`${padEnd(plainText(id), idWidth)}  `, plainText(cell.title) + level, style.width));
  }
  lines.push('', ...reasons(results, style), ...boundsLines(results, style));
  if (results.some((cell) => cell.counterfactual))
    lines.push(...hang('* ', 'counterfactual: no release ever had this policy', style.width));
  if (results.some((cell) => cell.sameAs !== undefined)) {
    lines.push(...hang('= ', 'the same transition system as another cell, explored once for both', style.width));
  }
  lines.push('', ...wrap(renderSummary(document.summary), style.width));
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}
