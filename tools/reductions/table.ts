import { compileSystem, exploreSystem, type Model } from '@faultpath/engine';
import { boundedBuffer } from '../../packages/engine/test/models/buffer.ts';
import { handOverHand } from '../../packages/engine/test/models/hand-over-hand.ts';
import { philosophers } from '../../packages/engine/test/models/philosophers.ts';
import { readersWriters } from '../../packages/engine/test/models/readers-writers.ts';
import { reclaimModel } from '../../packages/engine/test/models/reclaim.ts';
import { columns } from './columns.ts';

const models: readonly (readonly [string, Model])[] = [
  ['8 philosophers', philosophers(8)],
  ['8 philosophers in order, once', philosophers(8, { ordered: true, once: true })],
  ['bounded buffer, 3 pairs, 3 slots', boundedBuffer(3, 3)],
  ['4 threads hand over hand on 8 locks', handOverHand(4, 8)],
  ['4 readers, 3 writers, fair', readersWriters(4, 3, { fair: true })],
  ['reclaim, 2 tasks, safe', reclaimModel({ tasks: 2, inodes: 2, vmfOrFs: true, nofs: true })],
  ['reclaim, 3 tasks, safe', reclaimModel({ tasks: 3, inodes: 2, vmfOrFs: true, nofs: true })],
  ['reclaim, 3 tasks, deadlocks', reclaimModel({ tasks: 3, inodes: 2, vmfOrFs: true })],
];

/** Stored states of each model under each combination of reductions, as a Markdown table. */
export function reductionsTable(): string {
  const rows = models.map(([name, model]) => {
    const systems = new Map([true, false].map((on) => [on, compileSystem(model, undefined, on)]));
    const verdicts = new Set<string>();
    const cells = columns.map(([, options]) => {
      const system = systems.get(options.minimise ?? true);
      if (system === undefined) throw new Error('both systems are compiled');
      const { states, verdict } = exploreSystem(system, options);
      verdicts.add(verdict);
      return states.toLocaleString('en-US');
    });
    if (verdicts.size !== 1) throw new Error(`${name}: the reductions change the verdict`);
    return `| ${[name, ...verdicts, ...cells].join(' | ')} |`;
  });
  const head = ['model', 'verdict', ...columns.map(([name]) => name)];
  return [`| ${head.join(' | ')} |`, `| --- | --- |${' --: |'.repeat(columns.length)}`, ...rows].join('\n');
}

export { casesTable } from './cases-table.ts';
