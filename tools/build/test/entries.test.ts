import { describe, expect, test } from 'vitest';
import { entriesOf } from '../entries.ts';

const built = (name: string, source: string) => ({
  '@faultpath/source': source,
  import: { default: `./dist/${name}.js` },
});

describe('entriesOf', () => {
  test('takes every subpath with a source, and no asset', () => {
    const exports = {
      '.': built('index', './src/index.ts'),
      './gfp': built('gfp', './src/gfp/index.ts'),
      './package.json': './package.json',
    };
    expect(entriesOf({ name: 'a', exports })).toEqual({ index: './src/index.ts', gfp: './src/gfp/index.ts' });
  });

  test('refuses an import that nothing is built to', () => {
    expect(() => entriesOf({ name: 'a', exports: { './gfp': built('masks', './src/gfp/index.ts') } })).toThrow(/gfp/);
  });

  test('refuses a package without sources', () => {
    expect(() => entriesOf({ name: 'a', exports: { './package.json': './package.json' } })).toThrow(/source/);
  });
});
