import type { CycleMember } from '@faultpath/lockdep';
import { textWidth } from './layout.ts';
import { plainText, xmlText } from './text.ts';
import { lockPhrase, waitEdges } from './witness.ts';

const charWidth = 7.3;

interface Point {
  readonly x: number;
  readonly y: number;
}

function shorten(text: string, chars: number): string {
  return textWidth(text) > chars ? `${[...text].slice(0, chars - 1).join('')}…` : text;
}

/** The wait-for cycle as a ring: an arrow from who waits to who holds, named by what is waited for. */
export function cycleSvg(cycle: readonly CycleMember[]): string {
  const n = cycle.length;
  const labels = cycle.map((member) => shorten(plainText(member.task), 28));
  const boxWidth = Math.max(90, ...labels.map((label) => Math.round(textWidth(label) * charWidth) + 20));
  const radiusX = boxWidth + 90;
  const radiusY = n === 1 ? 40 : 60 + n * 18;
  const margin = 130;
  const centre: Point = { x: radiusX + margin, y: radiusY + 50 };
  const at = (i: number, scale = 1): Point => {
    const angle = (2 * Math.PI * i) / n - Math.PI / 2;
    return {
      x: Math.round(centre.x + radiusX * scale * Math.cos(angle)),
      y: Math.round(centre.y + radiusY * scale * Math.sin(angle)),
    };
  };
  const edges = waitEdges(cycle).map(({ from, to }, i) => {
    if (to === undefined) return '';
    const a = at(i);
    const b = at(i + 1);
    // Two tasks would have their two arrows on one line, one task none at all: bend them outwards.
    const via = n === 1 ? { x: a.x + boxWidth + 60, y: a.y + 90 } : at(i + 0.5, n === 2 ? 0.75 : 1.05);
    const end = n === 1 ? { x: a.x + 20, y: a.y + 15 } : edgeOfBox(via, b, boxWidth / 2, 15);
    const text = shorten(plainText(lockPhrase(from.wants)), 34);
    const full = from.mask === undefined ? lockPhrase(from.wants) : `${lockPhrase(from.wants)} under ${from.mask}`;
    return [
      `<path class="edge" d="M${a.x} ${a.y} Q${via.x} ${via.y} ${end.x} ${end.y}" marker-end="url(#tip)"/>`,
      `<text x="${Math.round((a.x + 2 * via.x + b.x) / 4)}" y="${Math.round((a.y + 2 * via.y + b.y) / 4)}" text-anchor="middle"><title>${xmlText(full)}</title>${xmlText(text)}</text>`,
    ].join('');
  });
  const nodes = labels.map((label, i) => {
    const { x, y } = at(i);
    return `<rect class="box" x="${x - boxWidth / 2}" y="${y - 15}" width="${boxWidth}" height="30" rx="3"/><text class="head" x="${x}" y="${y + 4}" text-anchor="middle">${xmlText(label)}</text>`;
  });
  const width = 2 * centre.x;
  const height = 2 * centre.y;
  return [
    `<svg role="img" aria-label="Wait-for graph" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" orient="auto"><path class="tip" d="M0 0 L8 4 L0 8 z"/></marker></defs>',
    ...edges,
    ...nodes,
    '</svg>',
  ].join('\n');
}

/** Where a line from `from` to the middle of a box meets its frame. */
function edgeOfBox(from: Point, box: Point, halfWidth: number, halfHeight: number): Point {
  const dx = from.x - box.x;
  const dy = from.y - box.y;
  const scale = Math.min(dx === 0 ? 1 : Math.abs(halfWidth / dx), dy === 0 ? 1 : Math.abs(halfHeight / dy), 1);
  return { x: Math.round(box.x + dx * scale), y: Math.round(box.y + dy * scale) };
}
