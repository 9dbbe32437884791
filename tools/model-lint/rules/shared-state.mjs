// @ts-check
import ts from 'typescript';
import { isInside, isValueUse, rootOf } from '../syntax.mjs';

const MUTATING_METHODS = new Set(
  'add clear copyWithin delete fill pop push reverse set shift sort splice unshift'.split(' '),
);
const MUTATING_FUNCTIONS = new Set(['assign', 'defineProperty', 'defineProperties', 'setPrototypeOf']);

/**
 * ML006 and ML008: state that outlives a run of the body. What threads share lives in the World and is reached by ops;
 * an out-parameter of the kernel becomes a result.
 *
 * @type {import('../lint.mjs').BodyRule}
 */
export function sharedState(node, context) {
  const { types, body, report } = context;
  if (isValueUse(node)) {
    const variable = capturedVariable(node, types, body);
    if (variable)
      report(
        'ML006',
        node,
        `${node.text} is a variable declared outside the body`,
        'keep it in the World and reach it by an op',
      );
  }
  const changed = mutatedExpression(node, types);
  const origin = changed && originOf(changed, types, body);
  if (origin === 'argument') {
    report(
      'ML008',
      node,
      'an argument is changed',
      'return the new value, or keep it in the World and store it by an op',
    );
  }
  if (origin === 'outside') {
    report(
      'ML006',
      node,
      'something declared outside the body is changed',
      'keep it in the World and reach it by an op',
    );
  }
}

/**
 * @param {ts.Identifier} node
 * @param {import('../types.mjs').ModelTypes} types
 * @param {ts.Node} body
 */
function capturedVariable(node, types, body) {
  const declaration = types.symbolOf(node)?.valueDeclaration;
  if (declaration === undefined || isInside(declaration, body) || declaration.getSourceFile().isDeclarationFile)
    return false;
  const owner = bindingOwner(declaration);
  return ts.isVariableDeclaration(owner) && (ts.getCombinedNodeFlags(owner) & ts.NodeFlags.Const) === 0;
}

/**
 * The object a node changes, if it changes one.
 *
 * @param {ts.Node} node
 * @param {import('../types.mjs').ModelTypes} types
 * @returns {ts.Expression | undefined}
 */
function mutatedExpression(node, types) {
  if (ts.isBinaryExpression(node)) {
    const operator = node.operatorToken.kind;
    const assigns = operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment;
    return assigns ? accessedObject(node.left) : undefined;
  }
  if (ts.isPostfixUnaryExpression(node)) return accessedObject(node.operand);
  if (ts.isPrefixUnaryExpression(node)) {
    const steps = node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken;
    return steps ? accessedObject(node.operand) : undefined;
  }
  if (ts.isDeleteExpression(node)) return accessedObject(node.expression);
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const { expression: receiver, name } = node.expression;
  if (!isOfLibrary(name, types)) return undefined;
  if (MUTATING_METHODS.has(name.text)) return receiver;
  const ofObject = ts.isIdentifier(receiver) && (receiver.text === 'Object' || receiver.text === 'Reflect');
  return ofObject && MUTATING_FUNCTIONS.has(name.text) ? node.arguments[0] : undefined;
}

/** @param {ts.Expression} target */
function accessedObject(target) {
  return ts.isPropertyAccessExpression(target) || ts.isElementAccessExpression(target) ? target.expression : undefined;
}

/**
 * A `set` or `add` of the model's own is not a method of a Map or a Set.
 *
 * @param {ts.Node} name
 * @param {import('../types.mjs').ModelTypes} types
 */
function isOfLibrary(name, types) {
  return (types.symbolOf(name)?.declarations ?? []).some((each) => each.getSourceFile().isDeclarationFile);
}

/**
 * Where a changed object comes from; an alias made by `const` is followed.
 *
 * @param {ts.Node} expression
 * @param {import('../types.mjs').ModelTypes} types
 * @param {ts.Node} body
 * @returns {'argument' | 'outside' | 'local'}
 */
function originOf(expression, types, body) {
  const root = rootOf(expression);
  const declaration = root && types.symbolOf(root)?.valueDeclaration;
  if (declaration === undefined || declaration.getSourceFile().isDeclarationFile) return 'local';
  if (!isInside(declaration, body)) return 'outside';
  const owner = bindingOwner(declaration);
  if (ts.isParameter(owner)) return owner.parent === body ? 'argument' : 'local';
  return ts.isVariableDeclaration(owner) && owner.initializer ? originOf(owner.initializer, types, body) : 'local';
}

/**
 * The parameter or variable that a name declared in a pattern belongs to.
 *
 * @param {ts.Node} declaration
 * @returns {ts.Node}
 */
function bindingOwner(declaration) {
  const inPattern =
    ts.isBindingElement(declaration) || ts.isObjectBindingPattern(declaration) || ts.isArrayBindingPattern(declaration);
  return inPattern ? bindingOwner(declaration.parent) : declaration;
}
