import { describe, expect, test } from 'vitest';
import { docLinks } from '../doc-links.mjs';
import { kernelDocs } from '../kernel-docs.mjs';
import { findingsIn } from './repository.ts';

describe.each([
  ['a file', '\n[a](./b.md)', '\n[a](./c.md)'],
  ['a heading', '\n[a](c.md#two-words)', '\n[a](c.md#one-word)'],
  ['a heading of the page', '\n[a](#nowhere)', '# Here\n[a](#here)'],
  ['a reference', '\n[a]: b.md', '\n[a]: c.md'],
  ['outside a fence', '\n[a](b.md)', '```\n[a](b.md)\n```\n[a](https://example.org)'],
])('a link to %s', (_title, bad, good) => {
  test('fires', () => {
    expect(findingsIn(docLinks, { 'docs/a.md': bad, 'docs/c.md': '## One word\n' })).toEqual(['docs/a.md:2']);
  });

  test('is silent on the near twin', () => {
    expect(findingsIn(docLinks, { 'docs/a.md': good, 'docs/c.md': '## One word\n' })).toEqual([]);
  });
});

const documented = (kernel: string, locks: string, omits: string) => `/**
 * Faults a page in.
 *
 * ${kernel}
 * ${locks}
 * ${omits}
 */
export const f = kernelFunction('f', function* () {});
`;
const sound = ['@kernel fs/dax.c dax_iomap_pte_fault v6.1', '@locks entry', '@omits tracepoints'] as const;

describe('a modelled function', () => {
  const file = 'packages/dax/src/fault.ts';

  test('is silent where all tags are there', () => {
    expect(findingsIn(kernelDocs, { [file]: documented(...sound) })).toEqual([]);
  });

  test.each([
    ['@kernel', documented('the fault', sound[1], sound[2])],
    ['the release', documented('@kernel fs/dax.c dax_iomap_pte_fault', sound[1], sound[2])],
    ['@locks', documented(sound[0], '@locks', sound[2])],
    ['@omits', documented(sound[0], sound[1], 'none')],
  ])('fires without %s', (_title, text) => {
    expect(findingsIn(kernelDocs, { [file]: text })).toEqual([`${file}:8`]);
  });

  test('fires three times without a comment', () => {
    expect(findingsIn(kernelDocs, { [file]: "export const f = kernelFunction('f', function* () {});" })).toHaveLength(
      3,
    );
  });

  test('is not asked for where nothing of the kernel is modelled', () => {
    expect(
      findingsIn(kernelDocs, { 'packages/conformance/src/a.ts': "const f = kernelFunction('f', function* () {});" }),
    ).toEqual([]);
  });
});
