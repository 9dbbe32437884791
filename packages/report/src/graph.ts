import type { CycleMember } from '@faultpath/lockdep';
import { dotString, mermaidLabel } from './text.ts';
import { lockPhrase, type WaitEdge, waitEdges } from './witness.ts';

function edgeLabel(member: CycleMember): string {
  return member.mask === undefined ? lockPhrase(member.wants) : `${lockPhrase(member.wants)}\nunder ${member.mask}`;
}

/** Arrows lead to a holder; who waits for what nobody has keeps a node without one. */
function heldEdges(cycle: readonly CycleMember[]): readonly Required<WaitEdge>[] {
  return waitEdges(cycle).flatMap(({ from, to }) => (to === undefined ? [] : [{ from, to }]));
}

function nodeIds(cycle: readonly CycleMember[]): Map<string, string> {
  return new Map([...new Set(cycle.map((member) => member.task))].map((task, i) => [task, `t${i}`]));
}

/** A wait-for cycle for Graphviz: an arrow from who waits to who holds. */
export function cycleToDot(cycle: readonly CycleMember[]): string {
  const ids = nodeIds(cycle);
  return [
    'digraph "wait-for" {',
    '  node [shape=box];',
    ...[...ids].map(([task, id]) => `  ${id} [label=${dotString(task)}];`),
    ...heldEdges(cycle).map(
      ({ from, to }) => `  ${ids.get(from.task)} -> ${ids.get(to.task)} [label=${dotString(edgeLabel(from))}];`,
    ),
    '}',
    '',
  ].join('\n');
}

/** A wait-for cycle for Mermaid, as GitHub renders it inside Markdown. */
export function cycleToMermaid(cycle: readonly CycleMember[]): string {
  const ids = nodeIds(cycle);
  return [
    'flowchart LR',
    ...[...ids].map(([task, id]) => `  ${id}[${mermaidLabel(task)}]`),
    ...heldEdges(cycle).map(
      ({ from, to }) =>
        `  ${ids.get(from.task)} -->|${mermaidLabel(edgeLabel(from).replace('\n', ' '))}| ${ids.get(to.task)}`,
    ),
    '',
  ].join('\n');
}
