// @ts-check
import ts from 'typescript';

/**
 * Visits a node and everything below it.
 *
 * @param {ts.Node} node
 * @param {(node: ts.Node) => void} visit
 */
export function walk(node, visit) {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/**
 * Does the node contain a `yield` of its own function?
 *
 * @param {ts.Node | undefined} node
 * @returns {boolean}
 */
export function hasYield(node) {
  if (node === undefined || ts.isFunctionLike(node)) return false;
  return ts.isYieldExpression(node) || ts.forEachChild(node, (child) => hasYield(child) || undefined) === true;
}

/**
 * The identifier an access chain starts from: `vmf` for `vmf.vma.flags[0]!`.
 *
 * @param {ts.Node} node
 * @returns {ts.Identifier | undefined}
 */
export function rootOf(node) {
  if (ts.isIdentifier(node)) return node;
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) return rootOf(node.expression);
  if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node)) return rootOf(node.expression);
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return rootOf(node.expression);
  return undefined;
}

/**
 * @param {ts.Node} inner
 * @param {ts.Node} outer
 */
export function isInside(inner, outer) {
  return inner.getSourceFile() === outer.getSourceFile() && inner.pos >= outer.pos && inner.end <= outer.end;
}

/** @param {ts.Node} node @returns {node is ts.Identifier} is it a use of a value, rather than a property's name or a type */
export function isValueUse(node) {
  if (!ts.isIdentifier(node)) return false;
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  return !ts.isTypeNode(parent) && !ts.isTypeElement(parent);
}
