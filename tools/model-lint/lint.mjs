// @ts-check
import ts from 'typescript';
import { droppedStep } from './rules/dropped-step.mjs';
import { impureSource } from './rules/impure-source.mjs';
import { nestedFunction } from './rules/nested-function.mjs';
import { sharedState } from './rules/shared-state.mjs';
import { tryAroundYield } from './rules/try-around-yield.mjs';
import { walk } from './syntax.mjs';
import { ModelTypes } from './types.mjs';

/**
 * @typedef {{ code: string, file: string, line: number, column: number, message: string, advice: string }} LintFinding
 * @typedef {(code: string, node: ts.Node, message: string, advice: string) => void} Report
 * @typedef {(node: ts.Node, context: { types: ModelTypes, report: Report }) => void} FileRule
 * @typedef {(node: ts.Node, context: { types: ModelTypes, body: ts.Node, report: Report }) => void} BodyRule
 */

/** @type {readonly FileRule[]} what is wrong anywhere in a model package */
const FILE_RULES = [droppedStep, tryAroundYield, nestedFunction];
/** @type {readonly BodyRule[]} what is wrong inside the body of a kernel function, closures included */
const BODY_RULES = [impureSource, sharedState];

/** The checker can't judge: nothing to read, or something it can't resolve. Never to be taken for a pass. */
export class ModelLintError extends Error {
  /** @param {'FAULTPATH_LINT_NO_FILES' | 'FAULTPATH_LINT_UNRESOLVED'} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * Judges model sources.
 *
 * @param {readonly string[]} files absolute names of the sources
 * @param {{ engineFolder: string, compilerOptions: ts.CompilerOptions }} options engineFolder: where `kernelFunction`,
 *   `Op` and `Call` are declared
 * @returns {{ functions: number, findings: LintFinding[] }} functions: how many kernel functions were judged
 * @throws {ModelLintError} `FAULTPATH_LINT_NO_FILES`, `FAULTPATH_LINT_UNRESOLVED`
 */
export function lintModels(files, { engineFolder, compilerOptions }) {
  if (files.length === 0) throw new ModelLintError('FAULTPATH_LINT_NO_FILES', 'there is no model source to judge');
  const program = ts.createProgram({ rootNames: [...files], options: compilerOptions });
  const types = new ModelTypes(program.getTypeChecker(), engineFolder);
  /** @type {LintFinding[]} */
  const findings = [];
  let functions = 0;
  for (const file of files) {
    const source = program.getSourceFile(file);
    if (source === undefined) throw new ModelLintError('FAULTPATH_LINT_UNRESOLVED', `${file}: can't be read`);
    refuseUnresolvedImports(source, types);
    const report = reporter(source, findings);
    walk(source, (node) => {
      for (const rule of FILE_RULES) rule(node, { types, report });
      if (!types.isKernelFunction(node)) return;
      functions += 1;
      judgeBody(node, types, report);
    });
  }
  return { functions, findings };
}

/**
 * @param {ts.CallExpression} node
 * @param {ModelTypes} types
 * @param {Report} report
 */
function judgeBody(node, types, report) {
  const body = node.arguments[1];
  if (body === undefined || !ts.isFunctionExpression(body) || !body.asteriskToken) {
    report('ML009', node, 'the body is not written here', "write kernelFunction('name', function* (…) { … })");
    return;
  }
  walk(body, (inner) => {
    for (const rule of BODY_RULES) rule(inner, { types, body, report });
  });
}

/**
 * An unresolved import is of type any, and any is neither an op nor a call: everything would pass.
 *
 * @param {ts.SourceFile} source
 * @param {ModelTypes} types
 */
function refuseUnresolvedImports(source, types) {
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const { moduleSpecifier } = statement;
    const module = types.checker.getSymbolAtLocation(moduleSpecifier);
    const unresolved =
      module === undefined
        ? moduleSpecifier
        : importedNames(statement).find((name) => !types.symbolOf(name)?.declarations);
    if (unresolved === undefined) continue;
    const { line } = source.getLineAndCharacterOfPosition(statement.getStart());
    throw new ModelLintError(
      'FAULTPATH_LINT_UNRESOLVED',
      `${source.fileName}:${line + 1}: the import of ${unresolved.getText()} can't be resolved; run npm ci, or npm run types for the reason`,
    );
  }
}

/** @param {ts.ImportDeclaration} statement */
function importedNames({ importClause }) {
  const bindings = importClause?.namedBindings;
  const named = bindings && ts.isNamedImports(bindings) ? bindings.elements.map(({ name }) => name) : [];
  return importClause?.name ? [importClause.name, ...named] : named;
}

/**
 * @param {ts.SourceFile} source
 * @param {LintFinding[]} findings
 * @returns {Report}
 */
function reporter(source, findings) {
  return (code, node, message, advice) => {
    const { line, character } = source.getLineAndCharacterOfPosition(node.getStart());
    findings.push({ code, file: source.fileName, line: line + 1, column: character + 1, message, advice });
  };
}
