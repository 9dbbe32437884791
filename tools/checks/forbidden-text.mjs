// @ts-check
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { filesBelow } from '../files.mjs';
import { lineAt } from './check.mjs';

// A class of one letter keeps this file from spelling what it forbids. Only comments count: TAP has a directive of
// the same name.
const FORBIDDEN = [
  {
    pattern: /(?:\/\/|\/\*|^[ \t]*\*|<!--).*\b(?:TO[D]O|FIX[M]E|X[X]X)\b/gm,
    message: 'a left-over marker: do it, or open an issue',
  },
  {
    pattern: /(?<![\w.])\/(?:home|root|tmp|work|Users)\/[\w.-]+/g,
    message: 'a path of one machine: take temporary folders from os.tmpdir() or mktemp',
  },
  { pattern: /https?:\/\/[a-z0-9.-]*(?:registry|mirror)[a-z0-9.-]*/g, message: "names a registry's host" },
  { pattern: /^[ \t]*deb (?:\[[^\]]*\] )?https?:\/\//gm, message: 'names a package archive' },
];

/**
 * Words that have no place in the repository. Recordings (.txt, .gz, .dat) are quoted as they are.
 *
 * @type {import('./check.mjs').Check}
 */
export function forbiddenText(root) {
  const files = filesBelow(root, /(?:\.(?:[cm]?[jt]s|json|md|ya?ml|sh|html)|^run)$/, { fixtures: true }).filter(
    (path) => !path.endsWith('package-lock.json'),
  );
  const findings = files.flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    const file = relative(root, path);
    return FORBIDDEN.flatMap(({ pattern, message }) =>
      [...text.matchAll(pattern)].map((match) => ({ file, line: lineAt(text, match.index), message })),
    );
  });
  return { looked: files.length, findings };
}
