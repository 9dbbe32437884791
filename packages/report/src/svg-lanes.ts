import { textWidth, wrap } from './layout.ts';
import { plainText, xmlText } from './text.ts';
import type { Witness } from './witness.ts';

const charWidth = 7.3;
const lineHeight = 16;
const numberRoom = 40;
const headRoom = 34;

/** The schedule as swim lanes: a lane per task, time runs downwards, a step that never wakes has a heavy frame. */
export function lanesSvg(witness: Witness): string {
  const lanes = Math.max(1, witness.tasks.length);
  const chars = Math.max(22, Math.min(40, Math.floor(130 / lanes)));
  const laneWidth = Math.round(chars * charWidth) + 28;
  const width = numberRoom + lanes * laneWidth;
  const centre = (task: number): number => numberRoom + task * laneWidth + laneWidth / 2;
  const boxes: string[] = [];
  let y = headRoom;
  for (const step of witness.steps) {
    const note = step.note === undefined ? '' : ` [${step.note}]`;
    const lines = wrap(plainText(`${step.waits === true ? 'waits: ' : ''}${step.text}${note}`), chars);
    const height = lines.length * lineHeight + 8;
    const x = centre(step.task) - laneWidth / 2 + 6;
    const trace = step.backtrace.length === 0 ? '' : `<title>${xmlText(step.backtrace.join('\n'))}</title>`;
    boxes.push(
      `<text class="step" x="0" y="${y + lineHeight}">${step.step}</text>`,
      `<g>${trace}<rect class="${step.waits === true ? 'box waits' : 'box'}" x="${x}" y="${y}" width="${laneWidth - 12}" height="${height}" rx="3"/>`,
      ...lines.map((line, i) => `<text x="${x + 7}" y="${y + (i + 1) * lineHeight}">${xmlText(line)}</text>`),
      '</g>',
    );
    y += height + 5;
  }
  const heads = witness.tasks.map((task, i) => {
    const name = plainText(task);
    const shown = textWidth(name) > chars ? `${[...name].slice(0, chars - 1).join('')}…` : name;
    return (
      `<line class="lane" x1="${centre(i)}" y1="${headRoom - 8}" x2="${centre(i)}" y2="${y}"/>` +
      `<text class="head" x="${centre(i)}" y="16" text-anchor="middle"><title>${xmlText(task)}</title>${xmlText(shown)}</text>`
    );
  });
  return [
    `<svg role="img" aria-label="Schedule, a lane per task" width="${width}" height="${y + 4}" viewBox="0 0 ${width} ${y + 4}">`,
    ...heads,
    ...boxes,
    '</svg>',
  ].join('\n');
}
