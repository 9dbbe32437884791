import { EngineError } from '../errors.ts';
import { readField, writeField } from '../layout.ts';
import { createStore } from '../store.ts';
import type { CompiledAutomaton, System } from '../system.ts';
import { remark } from './names.ts';

/**
 * The unreduced transition system in the Aldebaran format of CADP and mCRL2: a line per transition. A step into a
 * model error leads to one extra state, the last; without errors the numbers are the unreduced search's.
 *
 * @throws EngineError `ENGINE_BUDGET` beyond `maxStates`: part of a transition system would prove nothing
 */
export function* aldebaran(system: System, maxStates = 1_000_000): Generator<string> {
  const { automata, automatonOf, layout, enabled, apply } = system;
  const store = createStore(layout.words);
  const words = system.initial.slice();
  const next = words.slice();
  const lines: { from: number; label: string; to: number }[] = [];
  const FAILED = -1;
  store.add(words);
  for (let id = 0; id < store.count; id++) {
    if (store.count > maxStates)
      throw new EngineError('ENGINE_BUDGET', system.model.name, `has more than ${maxStates} states; raise maxStates`);
    store.read(id, words);
    for (const [thread, index] of automatonOf.entries()) {
      const automaton = automata[index] as CompiledAutomaton;
      const field = layout.threads[thread] as (typeof layout.threads)[number];
      const state = automaton.minimal.states[readField(field, words)];
      for (const [offset, edge] of (state?.edges ?? []).entries()) {
        const at = (automaton.edgeStart[state?.id ?? 0] as number) + offset;
        if (!enabled(automaton.edgeAction[at] as number, words)) continue;
        next.set(words);
        const label = `${thread}:${edge.index} ${remark(state?.example.op?.name ?? '')}`;
        const fits = apply(automaton.edgeAction[at] as number, next);
        if (!fits || edge.error !== undefined) {
          lines.push({ from: id, label, to: FAILED });
          continue;
        }
        writeField(field, next, edge.to);
        const target = store.add(next);
        lines.push({ from: id, label, to: target < 0 ? ~target : target });
      }
    }
  }
  const failed = lines.some((line) => line.to === FAILED) ? 1 : 0;
  yield `des (0, ${lines.length}, ${store.count + failed})\n`;
  for (const { from, label, to } of lines) yield `(${from}, "${label}", ${to === FAILED ? store.count : to})\n`;
}
