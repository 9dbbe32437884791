// @ts-check
import ts from 'typescript';
import { walk } from '../syntax.mjs';

/**
 * ML001, ML002, ML003: a step that is made and never taken. An op does nothing until it is yielded and a call nothing
 * until it is iterated, so a forgotten `yield` silently drops a lock.
 *
 * @type {import('../lint.mjs').FileRule}
 */
export function droppedStep(node, { types, report }) {
  if (ts.isYieldExpression(node)) {
    if (!node.asteriskToken && node.expression && types.kindOf(node.expression) === 'call') {
      report('ML003', node, 'this yields a call as if it were an op', 'write `yield* …` to make the call');
    }
    return;
  }
  if (!ts.isExpression(node) || isTransparent(node)) return;
  const lost = howItIsLost(node, types);
  if (lost === undefined) return;
  const kind = types.kindOf(node);
  if (kind === 'op') report('ML001', node, `this op is ${lost} and never happens`, 'write `yield …` before it');
  if (kind === 'call' && lost !== 'returned') {
    report('ML002', node, `this call is ${lost} and never made`, 'write `yield* …` before it');
  }
}

/**
 * @param {ts.Expression} node
 * @param {import('../types.mjs').ModelTypes} types
 * @returns {string | undefined}
 */
function howItIsLost(node, types) {
  const parent = node.parent;
  if (ts.isExpressionStatement(parent) || ts.isVoidExpression(parent)) return 'discarded';
  if (ts.isForStatement(parent)) return parent.condition === node ? 'tested' : 'discarded';
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent) || ts.isDoStatement(parent)) return 'tested';
  if (ts.isPrefixUnaryExpression(parent)) return 'tested';
  if (ts.isConditionalExpression(parent)) return parent.condition === node ? 'tested' : howItIsLost(parent, types);
  if (ts.isParenthesizedExpression(parent) || ts.isNonNullExpression(parent)) return howItIsLost(parent, types);
  if (ts.isBinaryExpression(parent)) return howAnOperandIsLost(node, parent, types);
  if (ts.isVariableDeclaration(parent))
    return parent.initializer === node && isKept(parent, types) ? 'kept' : undefined;
  if (ts.isReturnStatement(parent)) return isOfKernelFunction(parent, types) ? 'returned' : undefined;
  if (ts.isArrowFunction(parent) && parent.body === node)
    return returnsToNobody(parent, types) ? 'discarded' : undefined;
  return undefined;
}

/**
 * @param {ts.Expression} node
 * @param {ts.BinaryExpression} parent
 * @param {import('../types.mjs').ModelTypes} types
 */
function howAnOperandIsLost(node, parent, types) {
  const operator = parent.operatorToken.kind;
  if (operator === ts.SyntaxKind.CommaToken) return parent.left === node ? 'discarded' : howItIsLost(parent, types);
  const logical =
    operator === ts.SyntaxKind.AmpersandAmpersandToken ||
    operator === ts.SyntaxKind.BarBarToken ||
    operator === ts.SyntaxKind.QuestionQuestionToken;
  if (logical) return parent.left === node ? 'tested' : howItIsLost(parent, types);
  const assigns = operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment;
  if (!assigns) return 'tested';
  return parent.right === node && isOfKernelFunction(parent, types) ? 'kept' : undefined;
}

/**
 * Is the statement one of a kernel function's own? An op that it returns was meant to be its last step. A call may be
 * returned: that is a tail call.
 *
 * @param {ts.Node} node
 * @param {import('../types.mjs').ModelTypes} types
 */
function isOfKernelFunction(node, types) {
  const owner = ts.findAncestor(node, ts.isFunctionLike);
  return owner !== undefined && types.isKernelFunction(owner.parent);
}

/**
 * Does a variable of a body hold a step that is used for anything but being yielded? `const ret = f(x); return ret`
 * would make the call after everything that follows it.
 *
 * @param {ts.VariableDeclaration} variable
 * @param {import('../types.mjs').ModelTypes} types
 */
function isKept(variable, types) {
  if (!isOfKernelFunction(variable, types)) return false;
  if (!ts.isIdentifier(variable.name)) return true;
  const { text } = variable.name;
  const symbol = types.symbolOf(variable.name);
  const body = ts.findAncestor(variable, ts.isFunctionLike);
  let yielded = 0;
  let other = 0;
  walk(/** @type {ts.Node} */ (body), (node) => {
    if (!ts.isIdentifier(node) || node === variable.name || node.text !== text || types.symbolOf(node) !== symbol)
      return;
    if (ts.isYieldExpression(node.parent)) yielded += 1;
    else other += 1;
  });
  return yielded === 0 || other > 0;
}

/**
 * Is it a callback whose result its caller ignores, as that of `forEach`?
 *
 * @param {ts.ArrowFunction} arrow
 * @param {import('../types.mjs').ModelTypes} types
 */
function returnsToNobody(arrow, { checker }) {
  const contextual = checker.getContextualType(arrow)?.getCallSignatures()[0];
  return contextual !== undefined && (contextual.getReturnType().flags & ts.TypeFlags.Void) !== 0;
}

/**
 * What only passes an operand on is reported at the operand.
 *
 * @param {ts.Expression} node
 */
function isTransparent(node) {
  return (
    ts.isParenthesizedExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isConditionalExpression(node) ||
    ts.isBinaryExpression(node)
  );
}
