// @ts-check
import { readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import ts from 'typescript';
import { filesBelow } from '../files.mjs';
import { PACKAGES } from '../packages.mjs';
import { packageFolders } from './check.mjs';

/**
 * Imports go downwards only, by package name, through a package's public entries. What tests share without being a
 * package lies in `tools/vitest`.
 *
 * @type {import('./check.mjs').Check}
 */
export function importDirections(root) {
  const result = { looked: 0, findings: /** @type {import('./check.mjs').CheckFinding[]} */ ([]) };
  for (const folder of packageFolders(root)) {
    const role = PACKAGES[folder];
    const base = join(root, 'packages', folder);
    if (role === undefined) {
      result.findings.push({
        file: `packages/${folder}`,
        line: 1,
        message: 'is not in tools/packages.mjs: say what it may import',
      });
      continue;
    }
    for (const path of filesBelow(base, /\.[cm]?[jt]s$/)) {
      result.looked += 1;
      const file = relative(root, path).replaceAll(sep, '/');
      const isTest = !file.startsWith(`packages/${folder}/src/`);
      const shared = isTest ? [base, join(root, 'tools', 'vitest')] : [base];
      const judge = { folder, role, shared, path, isTest };
      for (const each of importsOf(path)) {
        const message = objection(each, judge);
        if (message !== undefined) result.findings.push({ file, line: each.line, message });
      }
    }
  }
  return result;
}

/**
 * @param {{ specifier: string, erased: boolean }} imported
 * @param {{ folder: string, role: import('../packages.mjs').PackageRole, shared: string[], path: string, isTest: boolean }} judge
 * @returns {string | undefined}
 */
function objection({ specifier, erased }, { folder, role, shared, path, isTest }) {
  if (specifier.startsWith('.')) {
    const target = resolve(path, '..', specifier);
    return shared.some((each) => target.startsWith(each + sep))
      ? undefined
      : `${specifier} leaves the package: import the other one by its name`;
  }
  if (specifier === 'faultpath') return 'nothing imports the command line';
  if (!specifier.startsWith('@faultpath/')) {
    const isForeign = !isTest && role.imports.length === 0 && !specifier.startsWith('node:');
    return isForeign ? `${folder} imports nothing, but this imports ${specifier}` : undefined;
  }
  const target = specifier.slice('@faultpath/'.length);
  if (isTest) {
    const allowed =
      target === folder ||
      target.startsWith(`${folder}/`) ||
      [...role.imports, ...(role.testImports ?? [])].includes(target);
    return allowed ? undefined : `the tests of ${folder} may not import ${specifier}`;
  }
  if (!role.imports.includes(target)) return `${folder} may not import ${specifier}`;
  return role.typesOnly && !erased ? `${folder} may import only types from ${specifier}` : undefined;
}

/**
 * Every import, re-export and dynamic import of a file.
 *
 * @param {string} path
 * @returns {{ specifier: string, erased: boolean, line: number }[]}
 */
function importsOf(path) {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  /** @type {{ specifier: string, erased: boolean, line: number }[]} */
  const imports = [];
  const add = (/** @type {ts.Node | undefined} */ node, /** @type {boolean} */ erased) => {
    if (node === undefined || !ts.isStringLiteralLike(node)) return;
    imports.push({
      specifier: node.text,
      erased,
      line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1,
    });
  };
  const visit = (/** @type {ts.Node} */ node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isErased(node));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return imports;
}

/** @param {ts.ImportDeclaration} node */
function isErased({ importClause }) {
  return importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}
