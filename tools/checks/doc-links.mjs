// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { filesBelow } from '../files.mjs';
import { lineAt } from './check.mjs';

/**
 * Every relative link of a Markdown page leads to a file, and its anchor to a heading there.
 *
 * @type {import('./check.mjs').Check}
 */
export function docLinks(root) {
  const files = filesBelow(root, /\.md$/);
  const findings = files.flatMap((path) => {
    const text = withoutCode(readFileSync(path, 'utf8'));
    return [...text.matchAll(/\[[^\]]*\]\(([^)\s]+)[^)]*\)|^\[[^\]]+\]: (\S+)/gm)].flatMap((match) => {
      const link = match[1] ?? match[2] ?? '';
      const message = objection(path, link);
      return message ? [{ file: relative(root, path), line: lineAt(text, match.index), message }] : [];
    });
  });
  return { looked: files.length, findings };
}

/**
 * @param {string} page
 * @param {string} link
 */
function objection(page, link) {
  if (/^[a-z]+:/i.test(link)) return undefined;
  const [path = '', anchor] = decodeURI(link).split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(target)) return `${link} leads nowhere`;
  if (!anchor || !target.endsWith('.md')) return undefined;
  return anchorsOf(target).includes(anchor) ? undefined : `${link}: there is no such heading`;
}

/** @param {string} page */
function anchorsOf(page) {
  const headings = withoutCode(readFileSync(page, 'utf8')).matchAll(/^#{1,6} (.+)$/gm);
  return [...headings].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

/**
 * Blanks fenced blocks, keeping the lines: what looks like a link there is an example.
 *
 * @param {string} text
 */
function withoutCode(text) {
  return text.replace(/^```[\s\S]*?^```/gm, (block) => block.replace(/[^\n]/g, ' '));
}
