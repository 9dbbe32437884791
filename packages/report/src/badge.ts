import { exitCodeOf } from './build.ts';
import type { ConformanceDocument } from './document.ts';
import { textWidth } from './layout.ts';
import { plural, xmlText } from './text.ts';

/** What the badge says: the worst thing first, never a pass for a run that proved nothing. */
export function badgeMessage(document: ConformanceDocument): { readonly text: string; readonly colour: string } {
  const { pass, fail, xpass, xfail, incomplete } = document.summary;
  const code = exitCodeOf(document);
  if (code === 1) return { text: `${fail + xpass} failing`, colour: '#b3261e' };
  if (code === 2) return { text: incomplete > 0 ? `${incomplete} incomplete` : 'nothing run', colour: '#8a6100' };
  const known = xfail === 0 ? '' : `, ${xfail} known`;
  return { text: `${plural(pass, 'case')} proved${known}`, colour: '#2e6b34' };
}

/** A badge as SVG, with no font or image from elsewhere. */
export function toBadge(document: ConformanceDocument, label = 'faultpath'): string {
  const { text, colour } = badgeMessage(document);
  const size = (part: string): number => Math.round(textWidth(part) * 6.6) + 12;
  const left = size(label);
  const width = left + size(text);
  const say = (part: string, x: number, room: number): string =>
    `<text x="${x}" y="14" textLength="${room - 12}" lengthAdjust="spacingAndGlyphs">${xmlText(part)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${xmlText(`${label}: ${text}`)}">`,
    `<title>${xmlText(`${label}: ${text}`)}</title>`,
    `<clipPath id="r"><rect width="${width}" height="20" rx="3"/></clipPath>`,
    `<g clip-path="url(#r)"><rect width="${left}" height="20" fill="#444"/><rect x="${left}" width="${width - left}" height="20" fill="${colour}"/></g>`,
    `<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">${say(label, 6, left)}${say(text, left + 6, width - left)}</g>`,
    '</svg>',
    '',
  ].join('\n');
}
