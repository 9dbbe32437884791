import { expect, test } from 'vitest';
import { updateBlocks } from '../update.mjs';

const text = ['before', '<!-- output: faultpath list --json | lines 2-3 -->', '```text', 'old', '```', 'after'].join(
  '\n',
);

test('a marked block gets the lines that the command prints', () => {
  const updated = updateBlocks(text, (args) => `${args.join('+')}\none  \ntwo\nthree\n`);
  expect(updated).toBe(text.replace('old', 'one\ntwo'));
});

test('a block without a mark is left alone', () => {
  const plain = text.replace('<!-- output: ', '<!-- note: ');
  expect(updateBlocks(plain, () => 'new')).toBe(plain);
});
