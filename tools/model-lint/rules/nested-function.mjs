// @ts-check
import ts from 'typescript';

/**
 * ML005: a kernel function made inside another function. Each run would make a new one with an automaton of its own,
 * and what it captures would be part of its behaviour without being part of its arguments.
 *
 * @type {import('../lint.mjs').FileRule}
 */
export function nestedFunction(node, { types, report }) {
  if (!types.isKernelFunction(node)) return;
  if (ts.findAncestor(node.parent, ts.isFunctionLike) === undefined) return;
  report(
    'ML005',
    node,
    'kernelFunction is called inside a function',
    'move it to the module and pass what it captures as an argument',
  );
}
