// @ts-check
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { filesBelow } from '../files.mjs';
import { KERNEL_PACKAGES } from '../packages.mjs';

/** `@kernel fs/dax.c dax_iomap_pte_fault v6.1`, with more releases where the order is the same */
const KERNEL_TAG = /^[\w./-]+\.[chS]\s+\w+\s+v\d+\.\d+/;

/**
 * Every modelled function says which kernel function it stands for and at which release it was checked, which locks
 * it takes, and what it leaves out.
 *
 * @type {import('./check.mjs').Check}
 */
export function kernelDocs(root) {
  const files = KERNEL_PACKAGES.flatMap((name) => filesBelow(join(root, 'packages', name, 'src'), /\.ts$/));
  return { looked: files.length, findings: files.flatMap((path) => judge(path, relative(root, path))) };
}

/**
 * @param {string} path
 * @param {string} file
 */
function judge(path, file) {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  /** @type {import('./check.mjs').CheckFinding[]} */
  const findings = [];
  const visit = (/** @type {ts.Node} */ node) => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'kernelFunction') {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      const name = node.arguments[0]?.getText() ?? 'a kernel function';
      findings.push(...objections(node).map((message) => ({ file, line, message: `${name} ${message}` })));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return findings;
}

/** @param {ts.CallExpression} call */
function objections(call) {
  const tags = ts.getJSDocTags(call.parent);
  const texts = (/** @type {string} */ name) =>
    tags.filter((tag) => tag.tagName.text === name).map((tag) => ts.getTextOfJSDocComment(tag.comment)?.trim() ?? '');
  const kernel = texts('kernel');
  const messages = [];
  if (kernel.length === 0) messages.push('lacks @kernel <file> <function> <release>');
  for (const text of kernel) {
    if (!KERNEL_TAG.test(text)) messages.push(`has @kernel ${text}, not @kernel <file> <function> <release>`);
  }
  for (const name of ['locks', 'omits']) {
    if (!texts(name).some((text) => text !== '')) messages.push(`lacks @${name}; write "none" where there are none`);
  }
  return messages;
}
