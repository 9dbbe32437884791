// @ts-check
import ts from 'typescript';
import { hasYield } from '../syntax.mjs';

/**
 * ML004: `try` around a step. The engine abandons a body at any step and re-runs it later; a `catch` or a `finally`
 * would then run at a moment that the kernel doesn't have.
 *
 * @type {import('../lint.mjs').FileRule}
 */
export function tryAroundYield(node, { report }) {
  if (!ts.isTryStatement(node)) return;
  if (!hasYield(node)) return;
  report('ML004', node, 'try/catch/finally stands around a yield', 'return an error number and release by hand');
}
