import type { CycleMember, Finding, HeldLock, Where } from '@faultpath/lockdep';
import { rulePage } from './document.ts';
import { hang, padEnd, textWidth } from './layout.ts';
import { glyphs, paint, type TerminalStyle } from './style.ts';
import { plainText } from './text.ts';
import { lockPhrase, tellFinding, waitEdges } from './witness.ts';

/** `ext4.txt:123 [12.345678] cpu 1`, or nothing where the source says nothing. */
export function wherePhrase(where: Where | undefined): string {
  if (where === undefined) return '';
  const place = where.line ?? where.record;
  const parts = [
    where.file === undefined
      ? where.line !== undefined
        ? `line ${where.line}`
        : where.record !== undefined
          ? `record ${where.record}`
          : ''
      : `${where.file}${place === undefined ? '' : `:${place}`}`,
    where.timestamp === undefined ? '' : `[${where.timestamp}]`,
    where.cpu === undefined ? '' : `cpu ${where.cpu}`,
    where.step === undefined ? '' : `step ${where.step}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** A lock that is held, with where it was taken. */
function heldPhrase(lock: HeldLock): string {
  const where = wherePhrase(lock.where);
  return where === '' ? lockPhrase(lock) : `${lockPhrase(lock)}, taken ${where}`;
}

/** The wait-for cycle: per task what it holds, what it waits for and who holds that, the mask, the backtrace. */
export function renderCycle(cycle: readonly CycleMember[], style: TerminalStyle): string[] {
  const g = glyphs(style);
  const width = Math.max(...cycle.map((member) => textWidth(plainText(member.task))));
  const indent = ' '.repeat(width);
  const lines: string[] = [];
  for (const { from, to } of waitEdges(cycle)) {
    const holds = from.holds.length === 0 ? 'nothing' : from.holds.map(heldPhrase).join(', ');
    const holder =
      to === undefined
        ? 'none of them'
        : from === to
          ? 'itself'
          : from.task === to.task
            ? 'another such task'
            : to.task;
    lines.push(
      ...hang(`  ${padEnd(plainText(from.task), width)}  holds  `, plainText(holds), style.width),
      ...hang(`  ${indent}  wants  `, plainText(`${lockPhrase(from.wants)}, held by ${holder}`), style.width),
    );
    if (from.mask !== undefined) lines.push(...hang(`  ${indent}  mask   `, plainText(from.mask), style.width));
    const where = wherePhrase(from.where);
    if (where !== '') lines.push(...hang(`  ${indent}  place  `, plainText(where), style.width));
    if (from.backtrace.length > 0) {
      lines.push(...hang(`  ${indent}  at     `, plainText(from.backtrace.join(` ${g.from} `)), style.width));
    }
  }
  return lines;
}

/** One finding: the claim, why, the cycle, how to see it again, and the page of its rule. */
export function renderFinding(finding: Finding, style: TerminalStyle): string {
  const g = glyphs(style);
  const colour = finding.level === 'error' ? 'red' : finding.level === 'advisory' ? 'yellow' : 'cyan';
  const [head = '', ...rest] = hang(
    `${finding.level} `,
    `${plainText(finding.rule)}: ${plainText(finding.claim)}`,
    style.width,
  );
  const lines = [head.replace(finding.level, paint(style, finding.level, colour, 'bold')), ...rest];
  const told = tellFinding(finding);
  for (const because of finding.because) {
    const where = wherePhrase(because.where);
    const who = because.task === undefined ? '' : `${because.task}: `;
    lines.push(
      ...hang('  because ', plainText(`${who}${because.text}${where === '' ? '' : ` (${where})`}`), style.width),
    );
    if (because.backtrace !== undefined && because.backtrace.length > 0) {
      lines.push(...hang('          ', plainText(because.backtrace.join(` ${g.from} `)), style.width));
    }
  }
  if (finding.cycle !== undefined && finding.cycle.length > 0) {
    lines.push('', ...renderCycle(finding.cycle, style), '');
    for (const sentence of told) lines.push(...hang('  ', plainText(sentence), style.width));
  }
  const { feasibility } = finding;
  if (feasibility !== undefined) {
    const why = feasibility.verdict === 'witnessed' ? `schedule ${feasibility.schedule}` : feasibility.why;
    lines.push(...hang(`  ${feasibility.verdict}: `, plainText(why), style.width));
  }
  const where = wherePhrase(finding.where);
  if (where !== '') lines.push(...hang('  at ', plainText(where), style.width));
  lines.push(paint(style, `  see ${plainText(rulePage(finding.rule))}`, 'dim'));
  return `${lines.join('\n')}\n`;
}
