import type { LockMode } from './events.ts';
import type { Explanation, ScenarioColumn } from './explain.ts';

const columnWidth = 32;

/** The cycle in the layout of a kernel report: the chain from the newest edge back, then who runs where. */
export function renderKernelStyle(explanation: Explanation): string {
  const rule = '='.repeat(54);
  const lines = [rule, 'WARNING: possible circular locking dependency detected', rule, ''];
  const count = explanation.edges.length;
  [...explanation.edges].reverse().forEach((edge, index) => {
    lines.push(`-> #${count - 1 - index} (${edge.to}), wanted by ${edge.task} with (${edge.from}) held:`);
    const trace = edge.backtrace.length > 0 ? edge.backtrace : [edge.text];
    for (const frame of trace) lines.push(`       ${frame}`);
    lines.push('');
  });
  lines.push(...renderScenario(explanation.scenario));
  return `${lines.join('\n')}\n`;
}

/** The columns of a scenario: everybody takes what they hold, then each waits for what the next one has. */
export function renderScenario(columns: readonly ScenarioColumn[]): string[] {
  const heads = columns.map((_, index) => `CPU${index}`);
  const lines = [
    ' Possible unsafe locking scenario:',
    '',
    row(heads),
    row(heads.map((head) => '-'.repeat(head.length))),
  ];
  columns.forEach((column, index) => {
    for (const lock of column.locks.slice(0, -1)) lines.push(cell(columns.length, index, call(lock)));
  });
  columns.forEach((column, index) => {
    lines.push(cell(columns.length, index, call(column.locks[column.locks.length - 1]!)));
  });
  lines.push('', ' *** DEADLOCK ***');
  return lines;
}

/** The cycle told edge by edge, with mask, scopes and the reason where the kernel would stay silent. */
export function renderExplanation(explanation: Explanation): string {
  const lines = [`${explanation.key} -> (again)`];
  explanation.edges.forEach((edge, index) => {
    lines.push(`${index + 1}. ${edge.text}`);
    if (edge.requested !== undefined && edge.requested !== edge.mask) lines.push(`   requested: ${edge.requested}`);
    if (edge.scopes.length > 0) lines.push(`   scopes: ${edge.scopes.join(', ')}`);
    if (edge.held.length > 0) lines.push(`   held: ${edge.held.join(', ')}`);
    if (edge.beyondKernel !== undefined) lines.push(`   lockdep in the kernel is silent: ${edge.beyondKernel}`);
    if (edge.backtrace.length > 0) lines.push(`   at: ${edge.backtrace.join(' < ')}`);
  });
  lines.push(
    explanation.kernelReports
      ? 'A lockdep kernel that saw every edge reports this cycle.'
      : 'A lockdep kernel does not report this cycle, whatever it sees.',
  );
  return `${lines.join('\n')}\n`;
}

function call({ lock, mode }: { readonly lock: string; readonly mode: LockMode }): string {
  return `${mode === 'exclusive' ? 'lock' : 'rlock'}(${lock});`;
}

function row(cells: readonly string[]): string {
  return `       ${cells.map((text) => text.padEnd(columnWidth)).join('')}`.trimEnd();
}

function cell(columns: number, index: number, text: string): string {
  return row(Array.from({ length: columns }, (_, at) => (at === index ? text : '')));
}
