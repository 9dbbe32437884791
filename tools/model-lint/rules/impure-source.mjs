// @ts-check
import ts from 'typescript';
import { isValueUse } from '../syntax.mjs';

const GLOBALS = new Set([
  'Date',
  'performance',
  'process',
  'crypto',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
]);

/**
 * ML007: a clock, randomness or the process inside a body. A body is re-run, and must then do what it did before.
 *
 * @type {import('../lint.mjs').BodyRule}
 */
export function impureSource(node, { types, report }) {
  const name = isValueUse(node) ? outsideWorld(node, types) : undefined;
  if (name === undefined) return;
  report(
    'ML007',
    node,
    `${name} differs from run to run`,
    'let the engine choose: yield an op with the outcomes as its results',
  );
}

/**
 * @param {ts.Identifier} node
 * @param {import('../types.mjs').ModelTypes} types
 */
function outsideWorld(node, types) {
  const declarations = types.symbolOf(node)?.declarations ?? [];
  const isAmbient = declarations.some((each) => each.getSourceFile().isDeclarationFile);
  if (!isAmbient) return undefined;
  if (GLOBALS.has(node.text)) return node.text;
  const parent = node.parent;
  const isRandom = node.text === 'Math' && ts.isPropertyAccessExpression(parent) && parent.name.text === 'random';
  if (isRandom) return 'Math.random';
  // @types/node also adds to types of the language, such as String
  return declarations.every((each) => each.getSourceFile().fileName.includes('/@types/node/')) ? node.text : undefined;
}
