import type { Action } from '../actions.ts';
import type { MinimalState } from '../minimise.ts';
import type { System } from '../system.ts';
import type { SharedEffect } from '../unfold.ts';
import type { Cell } from '../world.ts';
import { type ExportedEdge, edgesOf, mayLeaveDomain, mayRest, threadsOf } from './automata.ts';
import { type ExportNames, exportNames, remark } from './names.ts';

/**
 * Promela for SPIN. Every process starts active, so there is no init process: `pan` built with `-DNOREDUCE -DSAFETY`
 * stores exactly the states of the unreduced search (offset 0) and counts its transitions and one more (offset 1:
 * the step into the first state), as long as there is no model error. `spin -o2`, because SPIN otherwise takes states
 * for equal that differ in a variable it will not read again. A model error is a failed assertion, a deadlock an
 * invalid end state.
 */
export function* promela(system: System): Generator<string> {
  const names = exportNames(system);
  yield `/* ${remark(system.model.name)}\n`;
  yield ' * spin -o2 -a FILE && cc -O2 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -m1000000\n */\n';
  for (const cell of system.model.world.cells)
    yield `${typeOf(cell)} ${names.cells[cell.id]} = ${cell.init}; /* 0..${cell.max} */\n`;
  for (const [index, automaton] of system.automata.entries()) {
    const count = threadsOf(system, index).length;
    yield `\nactive ${count === 1 ? '' : `[${count}] `}proctype ${names.automata[index]}() {\n`;
    for (const state of automaton.minimal.states) yield stateText(system, index, state, names);
    yield '}\n';
  }
}

function typeOf(cell: Cell): string {
  if (cell.max <= 255) return 'byte';
  return cell.max <= 32767 ? 'short' : 'int';
}

function label(system: System, automaton: number, id: number): string {
  const state = system.automata[automaton]?.minimal.states[id] as MinimalState;
  return `${mayRest(system, automaton, state) ? 'end_' : ''}S${id}`;
}

function stateText(system: System, index: number, state: MinimalState, names: ExportNames): string {
  const automaton = system.automata[index] as System['automata'][number];
  const head = `${label(system, index, state.id)}: /* ${remark(state.example.backtrace.join(' ← '))} */\n`;
  if (state.edges.length === 0) return `${head}\tfalse;\n`;
  const options = edgesOf(system, automaton, state).map((edge) => option(system, index, edge, names));
  return `${head}\tif\n${options.join('')}\tfi;\n`;
}

function option(system: System, automaton: number, { action, to, op, edge }: ExportedEdge, names: ExportNames): string {
  const guard = guardText(action, names);
  const body = action.does.map((effect) => effectText(action, effect, names)).join('');
  if (edge.error !== undefined) {
    const effects = edge.error.code === 'engine/threw' ? body : '';
    return `\t:: d_step { ${guard} -> ${effects}assert(false) } /* ${remark(edge.error.message)} */\n`;
  }
  // SPIN refuses a state whose constant step leads back to itself; this one is as true, and no constant.
  const bare = guard === 'true' ? '_pid >= 0' : guard;
  const step = body === '' ? bare : `d_step { ${guard} -> ${body.slice(0, -2)} }`;
  return `\t:: ${step}; goto ${label(system, automaton, to)} /* ${remark(op)} */\n`;
}

function guardText(action: Action, names: ExportNames): string {
  if (action.when.length === 0) return 'true';
  return action.when.map((guard) => `${names.cells[guard.cell.id]} ${guard.is} ${guard.value}`).join(' && ');
}

function effectText(action: Action, effect: SharedEffect, names: ExportNames): string {
  const cell = names.cells[effect.cell.id] as string;
  if ('set' in effect) return `${cell} = ${effect.set}; `;
  const sum = 'add' in effect ? `${cell} + (${effect.add})` : `${cell} + ${names.cells[effect.from.id]}`;
  const check = mayLeaveDomain(action, effect) ? `assert(${sum} >= 0 && ${sum} <= ${effect.cell.max}); ` : '';
  return `${check}${cell} = ${sum}; `;
}
