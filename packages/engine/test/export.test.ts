import { compileSystem, type ExportFormat, exploreSystem, exportFormats, exportSystem } from '@faultpath/engine';
import { describe, expect, it } from 'vitest';
import { philosophers } from './models/philosophers.ts';
import { reclaimModel } from './models/reclaim.ts';

const system = compileSystem(philosophers(3));
const text = (format: ExportFormat): string => [...exportSystem(system, format)].join('');

describe('exports', () => {
  it.each(exportFormats)('%s comes in whole lines', (format) => {
    for (const piece of exportSystem(system, format)) expect(piece.endsWith('\n')).toBe(true);
  });

  it('Aldebaran lists the unreduced transition system', () => {
    const lines = text('aldebaran').trimEnd().split('\n');
    // 35 states and 75 transitions: see the exact counts.
    expect(lines[0]).toBe('des (0, 75, 35)');
    expect(lines).toHaveLength(76);
    const reached = new Set(lines.slice(1).map((line) => Number(/, (\d+)\)$/.exec(line)?.[1])));
    expect(reached.size).toBe(35);
  });

  it('Aldebaran refuses to be cut short', () => {
    const large = compileSystem(reclaimModel({ tasks: 2, inodes: 2 }));
    expect(() => [...exportSystem(large, 'aldebaran', { maxStates: 1000 })]).toThrow(
      expect.objectContaining({ code: 'ENGINE_BUDGET' }),
    );
  });

  it('TLA+ has a disjunct per edge, and every variable in each', () => {
    const module = text('tla');
    expect(module.startsWith('---- MODULE faultpath ----')).toBe(true);
    const edges = system.automata.reduce((sum, automaton) => sum + automaton.edgeAction.length, 0);
    const disjuncts = module.split(/^ {2}\\\/ (?=\/\\ pc\[t\] = )/m).slice(1);
    expect(disjuncts).toHaveLength(edges);
    for (const each of disjuncts) {
      const [body] = each.split('\\*') as [string];
      for (const name of ['pc', 'c0_fork0_locked', 'c1_fork1_locked', 'c2_fork2_locked'])
        expect(body.includes(`${name}'`) || new RegExp(`UNCHANGED <<[^>]*${name}`).test(body)).toBe(true);
    }
  });

  it('Graphviz has a node per control state and an edge per transition', () => {
    const graph = text('dot');
    const count = (pattern: RegExp) => graph.match(pattern)?.length;
    expect(count(/ -> /g)).toBe(system.automata.reduce((sum, automaton) => sum + automaton.edgeAction.length, 0));
    expect(count(/^ {4}a\d+_\d+ \[/gm)).toBe(
      system.automata.reduce((sum, automaton) => sum + automaton.minimal.states.length, 0),
    );
  });

  it('Promela names every cell and process', () => {
    const source = text('promela');
    expect(source.match(/^active proctype/gm)).toHaveLength(3);
    expect(source.match(/^byte c\d_fork\d_locked = 0;/gm)).toHaveLength(3);
    expect(exploreSystem(system).verdict).toBe('found');
  });

  it('refuses an unknown format', () => {
    expect(() => exportSystem(system, 'smv' as never)).toThrow(expect.objectContaining({ code: 'ENGINE_ARGUMENT' }));
  });
});
