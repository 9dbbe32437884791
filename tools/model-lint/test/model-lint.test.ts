import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { lintModels } from '../lint.mjs';

const fixtures = fileURLToPath(new URL('./fixtures/', import.meta.url));
const cli = fileURLToPath(new URL('../cli.mjs', import.meta.url));

function lint(...names: string[]) {
  return lintModels(
    names.map((name) => `${fixtures}${name}`),
    {
      engineFolder: `${fixtures}engine.ts`,
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        allowImportingTsExtensions: true,
        noEmit: true,
        strict: true,
        types: ['node'],
      },
    },
  );
}

const rules = new Map([
  ['ML001', ['5:3', '6:12', '7:25', '8:7', '14:10', '18:15', '20:10']],
  ['ML002', ['8:3', '9:7', '14:15']],
  ['ML003', ['9:3']],
  ['ML004', ['4:3']],
  ['ML005', ['4:10']],
  ['ML006', ['9:3', '10:3', '11:3', '12:3', '13:21']],
  ['ML007', ['5:14', '6:14', '7:14', '8:14', '9:21']],
  ['ML008', ['10:3', '12:3', '13:3', '14:3', '15:3']],
  ['ML009', ['7:18']],
]);
const files = [...rules.keys()].map((code) => code.toLowerCase());
const fires = lint(...files.map((name) => `${name}.fires.ts`));
const silent = lint(...files.map((name) => `${name}.silent.ts`));

describe.each([...rules])('%s', (code, places) => {
  const inFile = (kind: string) => (finding: { file: string }) =>
    finding.file.endsWith(`/${code.toLowerCase()}.${kind}.ts`);

  test('fires, and names each place', () => {
    const found = fires.findings.filter(inFile('fires'));
    expect(found.map(({ line, column }) => `${line}:${column}`)).toEqual(places);
    expect(new Set(found.map((finding) => finding.code))).toEqual(new Set([code]));
  });

  test('is silent on the near twin', () => {
    expect(silent.findings.filter(inFile('silent'))).toEqual([]);
  });
});

test('every kernel function of the twins was judged', () => {
  expect(silent.functions).toBe(13);
});

test('a name that only looks like the engine’s is not judged', () => {
  const { functions, findings } = lint('namesake.ts');
  expect({ functions, findings }).toEqual({ functions: 0, findings: [] });
});

test('no file is an error', () => {
  expect(() => lint()).toThrow(expect.objectContaining({ code: 'FAULTPATH_LINT_NO_FILES' }));
});

test.each(['unresolved-module.ts', 'unresolved-name.ts'])(
  'an import that can’t be resolved is an error: %s',
  (file) => {
    expect(() => lint(file)).toThrow(expect.objectContaining({ code: 'FAULTPATH_LINT_UNRESOLVED' }));
  },
);

test('the command refuses a folder without sources', () => {
  const { status, stderr } = spawnSync(process.execPath, [cli, fixtures], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain('FAULTPATH_LINT_NO_FILES');
});

test('the command judges by the engine’s own types', () => {
  const { status, stdout } = spawnSync(process.execPath, [cli, `${fixtures}package`], { encoding: 'utf8' });
  expect(stdout).toMatch(/package\/src\/fault\.ts:5:3 ML001 /);
  expect(status).toBe(1);
});
