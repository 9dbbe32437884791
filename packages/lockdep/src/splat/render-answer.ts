import type { SilenceAnswer, SplatAnswer } from './answer.ts';

/** The answer to one report as text: the cycle, who knows each edge, and how far it was followed. */
export function renderSplatAnswer({ report, edges, feasibility, remarks }: SplatAnswer): string {
  const who = report.task === undefined ? 'unknown task' : `${report.task.comm}/${report.task.pid}`;
  const lines = [
    `line ${report.line}: ${report.kind}, ${who}${report.kernel === undefined ? '' : `, ${report.kernel}`}`,
  ];
  if (report.missing.length > 0)
    lines.push(`  cut off at line ${report.lastLine}; missing: ${report.missing.join(', ')}`);
  for (const { edge, known } of edges) {
    lines.push(`  ${edge.from} -> ${edge.to}${edge.closing ? ' (closes the cycle)' : ''}`);
    if (edge.backtrace.length > 0) lines.push(`    at ${edge.backtrace.slice(0, 6).join(' < ')}`);
    for (const { model, functions, note } of known) {
      const made = functions.length === 0 ? '' : `: ${functions.join(', ')}`;
      lines.push(`    known to ${model}${made}${note === undefined ? '' : ` (${note})`}`);
    }
    if (known.length === 0) lines.push('    known to no model');
  }
  const detail = feasibility.verdict === 'witnessed' ? feasibility.schedule : feasibility.why;
  lines.push(`  ${feasibility.verdict}: ${detail}`);
  for (const remark of remarks) lines.push(`  ${remark}`);
  return `${lines.join('\n')}\n`;
}

/** The answer to a silent run as text. */
export function renderSilence({ notes, remarks }: SilenceAnswer): string {
  return `${[...notes.map((note) => `# ${note}`), ...remarks].join('\n')}\n`;
}
