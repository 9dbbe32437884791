import { readdirSync } from 'node:fs';
import { ClassGraph, TaskTracker, FaultpathEvent, rules } from '@faultpath/lockdep';
import { readTrace, checkTrace } from '../src/index.ts';
import { vocabularies } from './recordings.ts';
import { test } from 'vitest';
const dir = '/work/shared/traces/lockdep-6.1/';
test('all', async () => {
  const diff = new Map<string, number>();
  const bump = (k: string) => diff.set(k, (diff.get(k) ?? 0) + 1);
  let ok = 0, files = 0;
  const find: string[] = [];
  const notrun = new Map<string, number>();
  for (const f of readdirSync(dir)) {
    files++;
    const tracker = new TaskTracker();
    const pend = new Map<string, { bt: string; held: string }[]>();
    await readTrace(dir + f, { vocabularies, allowTruncated: true }, { event(e: FaultpathEvent) {
      const c = tracker.context(e.task);
      if (e.type === 'lost') pend.clear();
      if (e.type === 'lock' && e.lock === 'fs_reclaim' && e.action === 'acquired') {
        const p = pend.get(e.task) ?? []; pend.set(e.task, p); p.push({ bt: (e.backtrace ?? []).slice(0, 4).join('<'), held: c.held.map((h) => h.lock).join() });
      }
      if (e.type === 'alloc' && e.effective.fs && e.effective.directReclaim && c.reclaim === undefined) {
        const p = pend.get(e.task) ?? [];
        const x = p.pop();
        if (!x) bump(f + ':' + (e.where?.line) + ' [' + c.scopes.map((y)=>y.scope) + '|' + c.held.map((h)=>h.lock) + '] alloc without fs_reclaim ' + e.site + ' ' + e.effective.text + ' ' + e.effective.how);
        else ok++;
      }
      tracker.apply(e);
    }});
    for (const p of pend.values()) for (const x of p) bump('fs_reclaim without alloc ' + x.bt);
    const r = await checkTrace(dir + f, { vocabularies, allowTruncated: true });
    for (const x of r.findings) find.push(f + ' ' + x.rule + ' ' + x.level + ' ' + x.claim + ' ' + JSON.stringify(x.feasibility));
  }
  console.log('@', files, 'ok', ok, [...diff].sort((a, b) => b[1] - a[1]).slice(0, 60).map(([k, v]) => v + ' ' + k).join('\n'));
  console.log('@@', find.length, [...new Set(find)].slice(0, 60).join('\n'));
}, 1e6);
