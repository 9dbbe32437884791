import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { ClassGraph, type FaultpathEvent, readProcLockdep, TaskTracker } from '@faultpath/lockdep';
import { describe, expect, test } from 'vitest';
import { checkTrace, coreTraceVocabulary, readTrace } from '../src/index.ts';
import { fixture, fixtureText, line, textSource, vocabularies } from './recordings.ts';

/** Recordings of a kernel that ran lockdep itself and reported nothing. */
const recordings = [
  'lockdep-6.1-xfs-dax-write-hole',
  'lockdep-6.1-xfs-nodax-freeze',
  'lockdep-6.1-xfs-dax-munmap-mapped',
  'lockdep-6.1-ext4-dax-write-hole',
  'lockdep-6.1-ext4-nodax-fsync',
  'lockdep-6.1-ext2-dax-write-hole',
] as const;
const xfsRecordings = recordings.filter((name) => name.includes('xfs'));

async function eventsOf(source: string | Uint8Array[]): Promise<readonly FaultpathEvent[]> {
  const events: FaultpathEvent[] = [];
  await readTrace(source, { vocabularies }, { event: (event) => events.push(event) });
  return events;
}

/** That kernel was built without MMU notifiers. */
function graphOf(
  events: readonly FaultpathEvent[],
  graph = new ClassGraph({ theory: 'kernel', mmuNotifier: false }),
): ClassGraph {
  const tracker = new TaskTracker();
  for (const event of events) {
    graph.onEvent(event, tracker.context(event.task));
    tracker.apply(event);
  }
  return graph;
}

const entersFs = (event: FaultpathEvent): boolean =>
  event.type === 'alloc' && event.effective.fs === true && event.effective.directReclaim === true;
const isFsReclaim = (event: FaultpathEvent): boolean => event.type === 'lock' && event.lock === 'fs_reclaim';
const isEntered = (event: FaultpathEvent): boolean =>
  isFsReclaim(event) && event.type === 'lock' && event.action === 'acquired';
const intoReclaim = (events: readonly FaultpathEvent[]): readonly string[] =>
  [...graphOf(events).edges()].filter(({ to }) => to.id === 'fs_reclaim').map(({ from }) => from.id);

/** These ask the kernel's lockdep with a mask that they do not pass on, or allocate in bulk, which prints no event. */
const withoutEvent = ['mempool_alloc', 'mas_alloc_nodes'];

describe.each(recordings)('%s', (name) => {
  test('fs_reclaim is entered by the allocations whose mask says so, and by no others', async () => {
    const events = await eventsOf(fixture(name));
    const waiting: FaultpathEvent[] = [];
    for (const event of events) {
      if (isEntered(event)) waiting.push(event);
      if (!entersFs(event)) continue;
      expect(waiting.pop(), JSON.stringify(event)).toBeDefined();
    }
    const left = waiting.map((event) => (event.type === 'lock' ? event.backtrace?.[0] : undefined));
    expect(left.filter((site) => site === undefined || !withoutEvent.includes(site))).toEqual([]);
    expect(events.filter(({ type }) => type === 'alloc').length).toBeGreaterThan(0);
  });

  test('the graph has fs_reclaim behind the same locks, by masks alone and by the kernel alone', async () => {
    const events = await eventsOf(fixture(name));
    const byMasks = intoReclaim(events.filter((event) => !isFsReclaim(event)));
    const byKernel = intoReclaim(events.filter((event) => event.type !== 'alloc'));
    expect([...byMasks].sort()).toEqual([...byKernel].sort());
  });

  test('there is no cycle, as the kernel found none', async () => {
    const events = await eventsOf(fixture(name));
    expect(graphOf(events).cycles).toEqual([]);
    expect((await checkTrace(fixture(name), { vocabularies })).findings).toEqual([]);
  });
});

test('all of them together have no cycle either', async () => {
  const graph = new ClassGraph({ theory: 'kernel', mmuNotifier: false });
  for (const name of recordings) graphOf(await eventsOf(fixture(name)), graph);
  expect(graph.cycles).toEqual([]);
  expect([...graph.edges()].length).toBeGreaterThan(15);
});

/** xfs names two locks after its own flags that are the core's classes to the kernel. */
const ofCore: Readonly<Record<string, string>> = { MMAPLOCK: 'invalidate_lock', IOLOCK: 'i_rwsem' };
const names = new Map(
  [coreTraceVocabulary, ...vocabularies].flatMap(({ lockdepClasses }) => Object.entries(lockdepClasses ?? {})),
);

/** A recording prints no `#N` and no `/N`, so the kernel's classes are told apart by their bare names only. */
function named(printed: string): string {
  const bare = printed.replace(/\/\d+$/, '').replace(/#\d+$/, '');
  const ours = names.get(bare) ?? bare;
  return ofCore[ours] ?? ours;
}

describe('the /proc/lockdep of the kernel that ran the xfs recordings', () => {
  const file = new URL('../../lockdep/test/fixtures/proc-lockdep-xfs.txt.gz', import.meta.url);
  const kernel = new Set(
    readProcLockdep(gunzipSync(readFileSync(file)).toString('utf8').split('\n')).flatMap(({ id, after }) =>
      after.map((inner) => `${named(id)} -> ${named(inner)}`),
    ),
  );
  const direct = (graph: ClassGraph): readonly string[] =>
    [...graph.edges()]
      .filter(({ evidence }) => evidence.some(({ distance }) => distance === 1))
      .map(({ from, to }) => `${named(from.lock)} -> ${named(to.lock)}`);

  test('has every direct dependency of the graph', async () => {
    const graph = new ClassGraph({ theory: 'kernel', mmuNotifier: false });
    for (const name of xfsRecordings) graphOf(await eventsOf(fixture(name)), graph);
    // The classes of a mount's own workqueues are gone from the kernel's list with the mount.
    const edges = direct(graph).filter((edge) => !edge.includes('(wq_completion)xfs-'));
    expect(edges.filter((edge) => !kernel.has(edge))).toEqual([]);
    expect(new Set(edges).size).toBeGreaterThan(10);
    expect(edges).toContain('sb_pagefaults -> fs_reclaim');
  });

  /**
   * Spinlocks too, read from the lines themselves. An RCU read section is no lock, but it counts as a step of distance;
   * the lock of a run queue is taken by one task and released by another.
   */
  test('has every direct dependency of the recordings themselves', () => {
    const bare = (printed: string): string => printed.replace(/\/\d+$/, '').replace(/#\d+$/, '');
    const classes = readProcLockdep(gunzipSync(readFileSync(file)).toString('utf8').split('\n'));
    const listed = new Set(classes.flatMap(({ id, after }) => after.map((inner) => `${bare(id)} -> ${bare(inner)}`)));
    const seen = new Set<string>();
    for (const name of xfsRecordings) {
      const held = new Map<string, { readonly address: string; readonly lock: string | undefined }[]>();
      for (const text of fixtureText(name).split('\n')) {
        const match =
          /^\s*(\S.*-\d+)\s+\[\d+\] (\S+)\s+[\d.]+: lock_(acquire|release): (\S+) (try )?(?:read )?(.*)$/.exec(text);
        if (match === null) continue;
        const [, task, flags, action, address, trylock, lock] = match as unknown as string[];
        const context = `${task} ${/[hH]/.test(flags as string) ? 'h' : flags?.[2] === 's' ? 's' : ''}`;
        const stack = held.get(context) ?? [];
        held.set(context, stack);
        if (action === 'release') {
          const at = stack.findLastIndex((one) => one.address === address);
          if (at !== -1) stack.splice(at, 1);
          continue;
        }
        const isRcu = /^rcu_|_srcu$/.test(lock as string);
        const outer = stack.at(-1)?.lock;
        if (!isRcu && trylock === undefined && outer !== undefined && outer !== '&rq->__lock')
          seen.add(`${outer} -> ${lock}`);
        stack.push({ address: address as string, lock: isRcu ? undefined : (lock as string) });
      }
    }
    expect(seen.size).toBeGreaterThan(50);
    expect([...seen].filter((edge) => !listed.has(edge))).toEqual([]);
  });

  test('has none of what this theory adds: they would show', async () => {
    const events = await eventsOf(fixture('lockdep-6.1-xfs-dax-write-hole'));
    const edges = direct(graphOf(events, new ClassGraph({ mmuNotifier: false })));
    expect(edges.filter((edge) => !kernel.has(edge))).toContain('dax_entry -> fs_reclaim');
  });
});

describe('a scope that leaves no event', () => {
  const lock = (time: string, text: string, flags = '...1.'): string => line(time, text, 'faults-1', flags);
  const atomic = lock('1.0', 'lock_acquire: 0000000000000009 read rcu_read_lock', '...2.');
  const outer = lock('1.1', 'lock_acquire: 0000000000000001 read &mm->mmap_lock');
  const entered =
    lock('1.2', 'lock_acquire: 0000000000000002 fs_reclaim') + lock('1.3', 'lock_release: 0000000000000002 fs_reclaim');
  const allocated = lock(
    '1.4',
    'kmem_cache_alloc: call_site=some_function+0x1/0x2 ptr=0000000000000003 bytes_req=8 bytes_alloc=8 gfp_flags=GFP_KERNEL node=-1 accounted=false',
  );
  const fs = async (text: string): Promise<readonly (boolean | undefined)[]> =>
    (await eventsOf(textSource(text))).flatMap((event) => (event.type === 'alloc' ? [event.effective.fs] : []));

  test('is there where the kernel entered no fs_reclaim', async () => {
    expect(await fs(atomic + outer + allocated)).toEqual([false]);
  });

  test('is not there where it did', async () => {
    expect(await fs(atomic + outer + entered + allocated)).toEqual([true]);
  });

  test('is not believed in where only some locks were recorded', async () => {
    expect(await fs(outer + allocated)).toEqual([true]);
  });
});

test('a cycle in such a recording is found', async () => {
  const take = (time: string, address: number, name: string): string =>
    line(time, `lock_acquire: 000000000000000${address} ${name}`, 'faults-1', '...1.');
  const drop = (time: string, address: number, name: string): string =>
    line(time, `lock_release: 000000000000000${address} ${name}`, 'faults-1', '...1.');
  const text =
    take('1.0', 1, 'sb_writers') +
    take('1.1', 2, '&mm->mmap_lock') +
    drop('1.2', 2, '&mm->mmap_lock') +
    drop('1.3', 1, 'sb_writers');
  const turned = text
    .replaceAll('1 sb_writers', '3 &xx')
    .replaceAll('2 &mm->mmap_lock', '1 sb_writers')
    .replaceAll('3 &xx', '2 &mm->mmap_lock');
  expect(graphOf(await eventsOf(textSource(text + text))).cycles).toEqual([]);
  expect(graphOf(await eventsOf(textSource(text + turned))).cycles).toHaveLength(1);
});

describe('a mutex, which lockdep sees with preemption off', () => {
  test('is told from the spinlocks around it', async () => {
    const events = await eventsOf(fixture('lockdep-6.1-ext2-dax-write-hole'));
    const classes = new Set(events.flatMap((event) => (event.type === 'lock' ? event.lock : [])));
    expect(classes).toContain('&ei->truncate_mutex');
    for (const spinlock of ['&wb->list_lock', '&sb->s_type->i_lock_key', '&sbi->s_rsv_window_lock', '&xa->xa_lock']) {
      expect(classes).not.toContain(spinlock);
    }
    const at = events.findIndex((event) => event.type === 'lock' && event.lock === '&ei->truncate_mutex');
    expect(events[at]).toMatchObject({ action: 'acquired', kind: 'mutex' });
    // It is taken where it stands in the file, before what happens under it.
    expect(events.findIndex((event) => event.type === 'alloc' && event.site === 'ext2_init_block_alloc_info')).toBe(
      at + 1,
    );
  });

  test('comes before a lock that is taken under it', async () => {
    const marker = line('1.0', 'tracing_mark_write: BEGIN');
    const base = line('1.000001', 'lock_acquire: 01 &mm->mmap_lock', undefined, '...1.');
    const outer = line('1.000002', 'lock_acquire: 0a &journal->j_barrier', undefined, '...2.');
    const inner = line('1.000003', 'lock_acquire: 0b &journal->j_checkpoint_mutex', undefined, '...2.');
    const events = await eventsOf(textSource(marker + base + outer + inner));
    expect(events.flatMap((event) => (event.type === 'lock' ? event.lock : []))).toEqual([
      'mmap_lock',
      '&journal->j_barrier',
      'j_checkpoint_mutex',
    ]);
    const spinning = await eventsOf(textSource(marker + base + outer + inner.replace('0b', '0b try')));
    expect(spinning.flatMap((event) => (event.type === 'lock' ? event.lock : []))).not.toContain('&journal->j_barrier');
  });
});
