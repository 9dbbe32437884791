import { hang, padEnd, padStart, wrap } from './layout.ts';
import { glyphs, paint, type TerminalStyle } from './style.ts';
import { renderCycle } from './terminal-finding.ts';
import { plainText } from './text.ts';
import { partWitness, tellFinding, type Witness, type WitnessStep } from './witness.ts';

/** Below this many columns a task, side by side is unreadable. */
const leastColumn = 18;

function stepText(step: WitnessStep, wait: string): string {
  const note = step.note === undefined ? '' : ` [${step.note}]`;
  return plainText(`${step.waits === true ? `${wait} ` : ''}${step.text}${note}`);
}

function lanes(witness: Witness, style: TerminalStyle, numberWidth: number, column: number): string[] {
  const g = glyphs(style);
  const tasks = witness.tasks.map(plainText);
  const join = (cells: readonly string[]): string => cells.join(` ${g.bar} `).trimEnd();
  const heads = tasks.map((task) => wrap(task, column));
  const lines: string[] = [];
  for (let i = 0; i < Math.max(...heads.map((head) => head.length)); i++) {
    lines.push(
      join([' '.repeat(numberWidth), ...heads.map((head) => paint(style, padEnd(head[i] ?? '', column), 'bold'))]),
    );
  }
  lines.push(
    [numberWidth, ...tasks.map(() => column)].map((width) => g.line.repeat(width)).join(g.line + g.cross + g.line),
  );
  for (const step of witness.steps) {
    wrap(stepText(step, g.wait), column).forEach((text, i) => {
      const number = padStart(i === 0 ? String(step.step) : '', numberWidth);
      lines.push(
        join([
          paint(style, number, 'dim'),
          ...tasks.map((_, task) => {
            const padded = padEnd(task === step.task ? text : '', column);
            return step.waits === true && task === step.task ? paint(style, padded, 'red') : padded;
          }),
        ]),
      );
    });
  }
  return lines;
}

function list(witness: Witness, style: TerminalStyle, numberWidth: number): string[] {
  const g = glyphs(style);
  return witness.steps.flatMap((step) =>
    hang(
      `${padStart(String(step.step), numberWidth)} ${plainText(witness.tasks[step.task] ?? '?')}: `,
      stepText(step, g.wait),
      style.width,
    ),
  );
}

/**
 * A schedule for people: the claim in one sentence, a column per task with its steps in order, the wait-for cycle with
 * holder, wanted object, mask and kernel backtrace, and the command that shows it again.
 */
export function renderWitness(witness: Witness, style: TerminalStyle): string {
  const { finding } = witness;
  const told = tellFinding(finding);
  const { ring, behind } = partWitness(witness);
  const numberWidth = Math.max(1, ...ring.steps.map((step) => String(step.step).length));
  const column = Math.floor((style.width - numberWidth) / Math.max(1, ring.tasks.length)) - 3;
  const lines = [
    ...wrap(plainText(finding.claim), style.width).map((line) => paint(style, line, 'bold')),
    '',
    ...(column < leastColumn ? list(ring, style, numberWidth) : lanes(ring, style, numberWidth, column)),
  ];
  if (behind.length > 0) lines.push('', ...hang('Behind them: ', plainText(behind.join('; ')), style.width));
  if (finding.cycle !== undefined && finding.cycle.length > 0) {
    lines.push('', ...renderCycle(finding.cycle, style), '');
    for (const sentence of told) lines.push(...hang('  ', plainText(sentence), style.width));
  } else {
    lines.push('');
    for (const because of finding.because) lines.push(...hang('  because ', plainText(because.text), style.width));
  }
  // Never wrapped: it is there to be pasted.
  lines.push('', 'See it again:', `  ${plainText(witness.replay)}`);
  return `${lines.join('\n')}\n`;
}
