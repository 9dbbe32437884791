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

interface Column {
  readonly era: string;
  readonly policy: string;
  readonly cells: ReadonlyMap<string, CaseResult>;
  readonly width: number;
}

function cellText(cell: CaseResult): string {
  const marks = `${cell.counterfactual ? '*' : ''}${cell.sameAs === undefined ? '' : '='}`;
  const states = cell.verdict === 'notrun' ? '' : ` ${thousands(cell.states)}`;
  return `${cell.verdict}${states}${marks}`;
}

function columnsOf(cells: readonly CaseResult[]): Column[] {
  const groups = new Map<string, CaseResult[]>();
  for (const cell of cells) {
    const key = JSON.stringify([cell.era, cell.policy]);
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()]
    .map((group) => {
      const { era = '', policy = '' } = group[0] ?? {};
      const texts = [plainText(era), plainText(policy), ...group.map(cellText)];
      return {
        era,
        policy,
        cells: new Map(group.map((cell) => [cell.case, cell])),
        width: Math.max(...texts.map(textWidth)),
      };
    })
    .sort((a, b) => compareNames(a.era, b.era) || comparePolicies(a.policy, b.policy));
}

/** Columns that fit beside the case column, at least one a block. */
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

function fsTable(fs: string, cells: readonly CaseResult[], style: TerminalStyle): string[] {
  const g = glyphs(style);
  const cases = [...new Set(cells.map((cell) => cell.case))].sort(compareNames);
  const first = Math.max(textWidth(plainText(fs)), ...cases.map((id) => textWidth(plainText(id))));
  const lines: string[] = [];
  for (const block of blocksOf(columnsOf(cells), style.width - first)) {
    const row = (head: string, cell: (column: Column) => readonly [string, ...Paint[]]): string =>
      [
        head,
        ...block.map((column) => {
          const [text, ...how] = cell(column);
          return paint(style, text, ...how) + ' '.repeat(Math.max(0, column.width - textWidth(text)));
        }),
      ]
        .join(` ${g.bar} `)
        .trimEnd();
    lines.push(
      row(paint(style, padEnd(plainText(fs), first), 'bold'), (column) => [plainText(column.era), 'bold']),
      row(' '.repeat(first), (column) => [plainText(column.policy)]),
      [first, ...block.map((column) => column.width)]
        .map((width) => g.line.repeat(width))
        .join(g.line + g.cross + g.line),
      ...cases.map((id) =>
        row(padEnd(plainText(id), first), (column) => {
          const cell = column.cells.get(id);
          return cell === undefined ? [g.none, 'dim'] : [cellText(cell), ...colours[cell.verdict]];
        }),
      ),
      '',
    );
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
 * The table filesystem x era x policy x case: verdict and states explored per cell, reasons and titles below.
 * Blocks of columns follow each other where the terminal is too narrow for all.
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
  lines.push('', ...reasons(results, style));
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
