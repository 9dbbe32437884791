import type { Replay } from '@faultpath/conformance';
import type { TerminalStyle } from '@faultpath/report';

type Report = typeof import('@faultpath/report');
type Hold = Replay['threads'][number]['held'][number];

/** A lock as it is held or wanted. */
export function holdPhrase({ object, mode }: Hold): string {
  return mode === 'exclusive' ? object.name : `${object.name} (${mode})`;
}

/** A run up to some step: every step, and where that leaves each task. */
export function replayText(run: Replay, report: Report, style: TerminalStyle): string {
  const { plural } = report;
  const count = run.steps.length;
  const partly = count < run.scheduled;
  const after = partly ? `After ${count} of ${plural(run.scheduled, 'step')}:` : `After ${plural(count, 'step')}:`;
  const steps = run.steps.flatMap((_, index) => stepLines(run, index, report, style));
  return `${[...steps, '', after, ...threadLines(run, report, style), '', endLine(run)].join('\n')}\n`;
}

/** The state after the last step of a run, and that step. */
export function stateText(run: Replay, report: Report, style: TerminalStyle): string {
  const count = run.steps.length;
  const last = count === 0 ? [] : stepLines(run, count - 1, report, style);
  const head = `After ${count} of ${report.plural(run.scheduled, 'step')}:`;
  return `${[...last, head, ...threadLines(run, report, style), endLine(run)].join('\n')}\n`;
}

function nameWidth(run: Replay, { plainText, textWidth }: Report): number {
  return Math.max(4, ...run.threads.map(({ name }) => textWidth(plainText(name))));
}

function arrowOf(style: TerminalStyle): string {
  return style.unicode ? ' ← ' : ' <- ';
}

function stepLines(run: Replay, index: number, report: Report, style: TerminalStyle): readonly string[] {
  const taken = run.steps[index];
  if (taken === undefined) return [];
  const { hang, padEnd, padStart, paint, plainText } = report;
  const { step, name, op, backtrace, error } = taken;
  const number = String(run.scheduled).length;
  const head = `${padStart(String(step), number)} ${padEnd(plainText(name), nameWidth(run, report))}  `;
  const trace = backtrace.length === 0 ? '' : `  in ${backtrace.slice(0, 3).join(arrowOf(style))}`;
  const lines = hang(head, plainText(`${op}${trace}`), style.width);
  if (error === undefined) return lines;
  return [...lines, paint(style, plainText(`${error.code}: ${error.message}`), 'red', 'bold')];
}

function threadLines(run: Replay, report: Report, style: TerminalStyle): readonly string[] {
  const { hang, padEnd, plainText } = report;
  const width = nameWidth(run, report);
  return run.threads.flatMap(({ name, status, enabled, wants, held, backtrace }) => {
    const state =
      status !== 'running'
        ? status
        : enabled
          ? 'can go on'
          : `waits${wants === undefined ? '' : ` for ${holdPhrase(wants)}`}`;
    const holds = held.length === 0 ? '' : `; holds ${held.map(holdPhrase).join(', ')}`;
    const lines = hang(`  ${padEnd(plainText(name), width)}  `, plainText(state + holds), style.width);
    const indent = ' '.repeat(width + 4);
    return enabled || backtrace.length === 0
      ? lines
      : [...lines, ...hang(indent, plainText(backtrace.join(arrowOf(style))), style.width)];
  });
}

function endLine(run: Replay): string {
  if (run.deadlocked) return 'Nobody can go on: a deadlock.';
  return run.steps.some((step) => step.error !== undefined) ? 'The run ends in a model error.' : 'Somebody can go on.';
}
