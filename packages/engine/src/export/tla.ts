import type { MinimalState } from '../minimise.ts';
import type { System } from '../system.ts';
import { type ExportedEdge, edgesOf, mayRest, threadsOf } from './automata.ts';
import { type ExportNames, exportNames, remark } from './names.ts';

/**
 * TLA+ for TLC. `pc` maps each thread to its control state; -1 is a model error, which `NoError` forbids. A state in
 * which everybody may rest stutters, so that TLC's deadlock check fires exactly on ours. TLC finds exactly the
 * distinct states of the unreduced search (offset 0) as long as there is no model error.
 */
export function* tla(system: System, moduleName = 'faultpath'): Generator<string> {
  const names = exportNames(system);
  const cells = names.cells.join(', ');
  const all = cells === '' ? 'pc' : `pc, ${cells}`;
  yield `---- MODULE ${moduleName} ----\n`;
  yield `\\* ${remark(system.model.name)}\n`;
  yield `\\* Configuration: SPECIFICATION Spec, INVARIANT NoError\n`;
  yield `EXTENDS Integers\nVARIABLES ${all}\nvars == <<${all}>>\n\n`;
  yield `Threads == 0..${system.automatonOf.length - 1}\n`;
  yield 'Init == /\\ pc = [t \\in Threads |-> 0]\n';
  for (const cell of system.model.world.cells) yield `        /\\ ${names.cells[cell.id]} = ${cell.init}\n`;
  yield '\n';
  for (const [index, automaton] of system.automata.entries()) {
    yield `${names.automata[index]}(t) ==\n`;
    const states = automaton.minimal.states.filter((state) => state.edges.length > 0);
    if (states.length === 0) yield '  FALSE\n';
    for (const state of states)
      for (const edge of edgesOf(system, automaton, state)) yield disjunct(state, edge, names, system);
    yield '\n';
  }
  yield 'Next ==\n';
  for (const [index] of system.automata.entries())
    yield `  \\/ \\E t \\in {${threadsOf(system, index).join(', ')}} : ${names.automata[index]}(t)\n`;
  yield `\nRests(t) ==\n`;
  for (const [index, automaton] of system.automata.entries()) {
    const rest = automaton.minimal.states.filter((state) => mayRest(system, index, state)).map((state) => state.id);
    yield `  \\/ t \\in {${threadsOf(system, index).join(', ')}} /\\ pc[t] \\in {${rest.join(', ')}}\n`;
  }
  yield '\nAtRest == (\\A t \\in Threads : Rests(t)) /\\ UNCHANGED vars\n';
  yield 'Spec == Init /\\ [][Next \\/ AtRest]_vars\n';
  yield 'NoError == \\A t \\in Threads : pc[t] # -1\n';
  yield '====\n';
}

function disjunct(
  state: MinimalState,
  { action, to, op, edge }: ExportedEdge,
  names: ExportNames,
  system: System,
): string {
  const name = (id: number): string => names.cells[id] as string;
  const { cells } = system.model.world;
  const lines = [`pc[t] = ${state.id}`];
  for (const guard of action.when) lines.push(`${name(guard.cell.id)} ${operator(guard.is)} ${guard.value}`);
  const unchanged = (of: readonly string[]): string[] => (of.length === 0 ? [] : [`UNCHANGED <<${of.join(', ')}>>`]);
  if (edge.error !== undefined && edge.error.code !== 'engine/threw') {
    lines.push(`pc' = [pc EXCEPT ![t] = -1]`, ...unchanged(names.cells));
    return conjunction(lines, edge.error.message);
  }
  // Effects run one after the other; as expressions over the old values, each sees the ones before it.
  const now = new Map(cells.map((cell) => [cell.id, name(cell.id)]));
  const inside: string[] = [];
  for (const effect of action.does) {
    const { id, max } = effect.cell;
    if ('set' in effect) now.set(id, `${effect.set}`);
    else {
      const sum = `(${now.get(id)} + ${'add' in effect ? (effect.add < 0 ? `(${effect.add})` : effect.add) : now.get(effect.from.id)})`;
      now.set(id, sum);
      inside.push(`${sum} \\in 0..${max}`);
    }
  }
  const changed = new Set(action.does.map((effect) => effect.cell.id));
  const fits = inside.length === 0 ? 'TRUE' : inside.join(' /\\ ');
  const failed = edge.error === undefined ? to : -1;
  if (changed.size === 0) {
    lines.push(`pc' = [pc EXCEPT ![t] = ${failed}]`);
  } else {
    lines.push(`pc' = [pc EXCEPT ![t] = IF ${fits} THEN ${failed} ELSE -1]`);
    for (const id of changed) lines.push(`${name(id)}' = IF ${fits} THEN ${now.get(id)} ELSE ${name(id)}`);
  }
  lines.push(...unchanged(names.cells.filter((_, id) => !changed.has(id))));
  return conjunction(lines, op);
}

function conjunction(lines: readonly string[], comment: string): string {
  return `  \\/ ${lines.map((line) => `/\\ ${line}`).join('\n     ')} \\* ${remark(comment)}\n`;
}

function operator(is: string): string {
  if (is === '==') return '=';
  if (is === '!=') return '#';
  return is === '<=' ? '=<' : is;
}
