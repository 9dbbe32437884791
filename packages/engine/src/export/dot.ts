import type { Action } from '../actions.ts';
import type { System } from '../system.ts';
import { edgesOf, mayRest, threadsOf } from './automata.ts';
import { exportNames, remark } from './names.ts';

/** Graphviz: one cluster per automaton, with what each edge asks and does. */
export function* dot(system: System): Generator<string> {
  const names = exportNames(system);
  yield `digraph "${remark(system.model.name)}" {\n  node [shape=box, fontname=monospace];\n`;
  for (const [index, automaton] of system.automata.entries()) {
    const threads = threadsOf(system, index).map((thread) => system.model.threads[thread]?.name ?? '');
    yield `  subgraph cluster_${names.automata[index]} {\n    label="${remark(threads.join(', '))}";\n`;
    for (const state of automaton.minimal.states) {
      const rests = mayRest(system, index, state) ? ', peripheries=2' : '';
      const name = state.example.op?.name ?? state.status;
      yield `    a${index}_${state.id} [label="${state.id}: ${remark(name)}"${rests}];\n`;
      for (const { action, to, edge } of edgesOf(system, automaton, state)) {
        const colour = edge.error === undefined ? '' : ', color=red';
        yield `    a${index}_${state.id} -> a${index}_${to} [label="${remark(actionText(action))}"${colour}];\n`;
      }
    }
    yield '  }\n';
  }
  yield '}\n';
}

function actionText({ when, does }: Action): string {
  const guards = when.map((guard) => `${guard.cell.name}${guard.is}${guard.value}`);
  const effects = does.map((effect) => {
    if ('set' in effect) return `${effect.cell.name}:=${effect.set}`;
    if ('add' in effect) return `${effect.cell.name}${effect.add < 0 ? '' : '+'}${effect.add}`;
    return `${effect.cell.name}+=${effect.from.name}`;
  });
  return [guards.join('&'), effects.join('; ')].filter((part) => part !== '').join(' | ');
}
