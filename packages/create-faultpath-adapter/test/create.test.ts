import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAdapter, main, templateFiles } from '../src/index.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faultpath-create-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const guide = readFileSync(new URL('../../../docs/write-an-adapter.md', import.meta.url), 'utf8');

test('writes a package, and says what comes next', () => {
  const said: string[] = [];
  expect(main(['myfs'], folder, (line) => said.push(line))).toBe(0);
  expect(said.join('\n')).toContain('npm test');
  const manifest = JSON.parse(readFileSync(join(folder, 'myfs/package.json'), 'utf8'));
  expect(manifest.name).toBe('faultpath-myfs');
  expect(Object.keys(manifest.peerDependencies)).toContain('@faultpath/mm');
  expect(readFileSync(join(folder, 'myfs/test/node.mjs'), 'utf8')).toContain('conformanceTests(myfs)');
});

test('everything to fill in names a line of the guide, which the package has', () => {
  createAdapter(join(folder, 'there'), 'myfs', '1.0.0');
  const source = readFileSync(join(folder, 'there/src/index.js'), 'utf8');
  const named = [...source.matchAll(/fillIn\('[^']+', '([^':]+):(\d+) \(([^)]+)\)'\)/g)];
  expect(named.length).toBeGreaterThan(1);
  for (const [, page, line, step] of named) {
    const lines = readFileSync(join(folder, 'there', page ?? ''), 'utf8').split('\n');
    expect(lines[Number(line) - 1]).toBe(`## ${step}`);
    expect(guide.split('\n')[Number(line) - 1]).toBe(`## ${step}`);
  }
});

test('a guide without what is to be filled in is a defect', () => {
  expect(() => templateFiles('myfs', '1.0.0', '# no steps')).toThrow('Step 3');
});

test.each([
  ['no name of a filesystem', 'My-FS', 'CREATE_NAME'],
  ['a folder with something in it', 'myfs', 'CREATE_NOT_EMPTY'],
])('%s is refused, and nothing is written', (_what, name, code) => {
  createAdapter(join(folder, 'there'), 'myfs', '1.0.0');
  expect(() => createAdapter(join(folder, 'there'), name, '1.0.0')).toThrowError(expect.objectContaining({ code }));
  expect(main(['there', name], folder, () => undefined)).toBe(2);
});

test.each([[[]], [['--json']], [['a', 'b', 'c']]])('%j is misuse', (argv) => {
  expect(main(argv, folder, () => undefined)).toBe(2);
});
