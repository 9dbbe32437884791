import { describe, expect, test } from 'vitest';
import { manifests } from '../manifests.mjs';
import { findingsIn } from './repository.ts';

const entry = (name: string, source: string) => ({
  '@faultpath/source': source,
  import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
  require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
});
const sound = {
  name: '@faultpath/ext4',
  version: '1.2.3',
  license: 'MIT',
  type: 'module',
  engines: { node: '>=20.19' },
  sideEffects: false,
  files: ['dist', 'README.md'],
  exports: {
    '.': entry('index', './src/index.ts'),
    './a': entry('a', './src/a/index.ts'),
    './package.json': './package.json',
  },
  dependencies: { left: '1.0.0' },
  peerDependencies: { '@faultpath/mm': '^1.2.3' },
  devDependencies: { '@faultpath/mm': '1.2.3' },
  publishConfig: { access: 'public' },
};
const mm = { ...sound, name: '@faultpath/mm', peerDependencies: {}, devDependencies: {} };

function findings(ext4: object): string[] {
  return findingsIn(manifests, {
    'packages/dax/package.json': JSON.stringify({ ...mm, name: '@faultpath/dax' }),
    'packages/dax/README.md': '',
    'packages/ext4/package.json': JSON.stringify({ ...sound, ...ext4 }),
    'packages/ext4/README.md': '',
    'packages/mm/package.json': JSON.stringify(mm),
    'packages/mm/README.md': '',
  });
}

test('is silent on packages of one shape', () => {
  expect(findings({})).toEqual([]);
});

describe.each([
  ['another name', { name: 'ext4' }],
  ['another version', { version: '1.2.4', devDependencies: { '@faultpath/mm': '1.2.3' }, peerDependencies: {} }],
  ['another licence', { license: 'GPL-2.0' }],
  ['CommonJS', { type: 'commonjs' }],
  ['another engine', { engines: { node: '>=18' } }],
  ['side effects', { sideEffects: true }],
  ['files without dist', { files: ['README.md'] }],
  ['restricted access', { publishConfig: { access: 'restricted' } }],
  ['a range', { dependencies: { left: '^1.0.0' } }],
  ['a drifted workspace version', { devDependencies: { '@faultpath/mm': '1.2.2' } }],
  ['a drifted peer', { peerDependencies: { '@faultpath/mm': '^1.2.2' } }],
  ['a peer that is not built first', { devDependencies: {} }],
  ['an adapter that depends on the core', { dependencies: { '@faultpath/dax': '1.2.3' } }],
  ['a pattern in exports', { exports: { ...sound.exports, './*': './dist/*' } }],
  ['no package.json in exports', { exports: { '.': sound.exports['.'] } }],
  ['an entry built elsewhere', { exports: { ...sound.exports, './a': entry('b', './src/a/index.ts') } }],
  ['a source that is not one', { exports: { ...sound.exports, './a': entry('a', './dist/a.js') } }],
  [
    'a source that comes last',
    { exports: { ...sound.exports, './a': Object.fromEntries(Object.entries(entry('a', './src/a.ts')).reverse()) } },
  ],
])('%s', (_title, change) => {
  test('fires', () => {
    expect(new Set(findings(change))).toEqual(new Set(['packages/ext4/package.json:1']));
  });
});

test('the engine has no dependencies', () => {
  const engine = { ...mm, name: '@faultpath/engine' };
  const files = (manifest: object) => ({
    'packages/engine/package.json': JSON.stringify(manifest),
    'packages/engine/README.md': '',
    'packages/mm/package.json': JSON.stringify(mm),
    'packages/mm/README.md': '',
  });
  expect(findingsIn(manifests, files(engine))).toEqual(['packages/engine/package.json:1']);
  expect(findingsIn(manifests, files({ ...engine, dependencies: {} }))).toEqual([]);
});

test('a package without a README is found', () => {
  expect(findingsIn(manifests, { 'packages/mm/package.json': JSON.stringify(mm) })).toEqual([
    'packages/mm/package.json:1',
  ]);
});
