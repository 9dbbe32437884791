import { explore, kernelFunction } from '@faultpath/engine';
import { describe, expect, test } from 'vitest';
import {
  __alloc_pages,
  block_page_mkwrite,
  buildFaultModel,
  defineFilesystem,
  type EraName,
  eraNames,
  type FaultCase,
  filemap_fault,
  filemap_map_pages,
  type Inode,
  type Machine,
  ModelError,
  type ModelEvent,
  type VmFault,
  withoutIomap,
} from '../src/index.ts';

const mkwrite = kernelFunction('paged_page_mkwrite', function* (env: Machine, vmf: VmFault) {
  const ret = yield* block_page_mkwrite(env, vmf);
  return ret;
});

const symlink = kernelFunction('paged_symlink', function* (env: Machine, _dir: Inode, inode: Inode) {
  yield* __alloc_pages(env, { site: 'page_symlink', mask: inode.i_mapping.gfp_mask, charged: false });
  return 0;
});

/** A filesystem without locks of its own, in the page cache. */
const paged = defineFilesystem({
  name: 'paged',
  interfaceVersion: 1,
  locks: { invalidate_lock: { kind: 'rwsem', scope: 'inode' } },
  lockOrder: [['invalidate_lock']],
  mappingGfp: null,
  mappingGfpByKind: {
    symlink: [{ eras: ['v6.1'], without: '__GFP_FS', at: 'paged_symlink', because: 'links have a mask of their own' }],
  },
  supports: { eras: eraNames, dax: false, transactions: false, sync_faults: false, page_cache: true },
  vm_ops: { fault: filemap_fault, page_mkwrite: mkwrite, map_pages: filemap_map_pages },
  iomap_ops: withoutIomap,
  s_op: {},
  f_op: {},
  i_op: { symlink },
  reclaim: {
    kinds: { linked: { via: 'prune_icache_sb', frequency: 'common', eras: eraNames, because: 'it is only forgotten' } },
  },
  invalidateLock: () => 'invalidate_lock',
  mount: () => null,
  setupInode: () => null,
  threads: [],
});

/** What one task alone does, in order, on its shortest way. */
function told(given: Omit<FaultCase, 'filesystem'>): string[] {
  const exploration = explore(buildFaultModel({ filesystem: paged, ...given }));
  expect(exploration.verdict).toBe('proved');
  const events: unknown[] = [...exploration.prologues()].flatMap(({ passed }) => passed.map(({ event }) => event));
  for (const { edge } of exploration.walk()) {
    events.push(edge.alternative.event, ...edge.passed.map(({ event }) => event));
  }
  return (events.flat() as (ModelEvent | undefined)[]).flatMap((event) => {
    if (event?.type === 'lock' && event.lock !== 'mmap_lock') return [`${event.action} ${event.lock}`];
    return event?.type === 'alloc' ? [`alloc ${event.site}`] : [];
  });
}

const fault = (era: EraName, kind: 'read-fault' | 'write-fault') => told({ era, tasks: [{ kind }] });

describe('a fault through the page cache', () => {
  test('reads the page under the lock of the mapping, from the era on that has it', () => {
    expect(fault('v6.1', 'read-fault')).toEqual([
      'alloc pte_alloc_one',
      'acquired invalidate_lock',
      'alloc __filemap_get_folio',
      'acquired folio_lock',
      'release invalidate_lock',
      'release folio_lock',
    ]);
    expect(fault('v4.9', 'read-fault')).not.toContain('acquired invalidate_lock');
  });

  test('locks the page again for the write, after it was unlocked', () => {
    expect(fault('v6.1', 'write-fault').filter((line) => line.endsWith('folio_lock'))).toEqual([
      'acquired folio_lock',
      'release folio_lock',
      'acquired folio_lock',
      'release folio_lock',
    ]);
  });

  test('allocates the page-table page with the page locked only where nothing was preallocated', () => {
    const locked = (lines: string[]) =>
      lines.lastIndexOf('acquired folio_lock') < lines.indexOf('alloc pte_alloc_one') &&
      lines.indexOf('alloc pte_alloc_one') < lines.lastIndexOf('release folio_lock');
    expect(locked(fault('v4.12', 'write-fault'))).toBe(true);
    expect(locked(fault('v5.15', 'write-fault'))).toBe(false);
    // Pages around are mapped first, and need one too.
    expect(locked(fault('v4.12', 'read-fault'))).toBe(false);
  });

  test('two faults on one page both end, whoever brings it in', () => {
    for (const era of ['v4.9', 'v6.1'] as const) {
      for (const kind of ['read-fault', 'write-fault'] as const) {
        const model = buildFaultModel({ era, filesystem: paged, tasks: [{ kind }, { kind }] });
        expect(explore(model).verdict).toBe('proved');
      }
    }
  });

  test('nobody asks such a filesystem for an extent unseen', () => {
    const model = buildFaultModel({
      era: 'v6.1',
      filesystem: { ...paged, vm_ops: { fault: withoutIomap.iomap_begin } },
      tasks: [{ kind: 'read-fault' }],
    });
    expect(explore(model).errors[0]?.code).toBe('mm/no-iomap');
  });
});

describe('making an entry in a directory', () => {
  const masks = (era: EraName) => {
    const found = explore(buildFaultModel({ era, filesystem: paged, tasks: [{ kind: 'symlink' }] }));
    const events: unknown[] = [...found.prologues()].flatMap(({ passed }) => passed.map(({ event }) => event));
    for (const { edge } of found.walk()) events.push(edge.alternative.event, ...edge.passed.map(({ event }) => event));
    return (events.flat() as (ModelEvent | undefined)[]).flatMap((event) =>
      event?.type === 'alloc' ? [event.requested.fs] : [],
    );
  };

  test('the mask of a kind of inode is the rule’s in its eras, and the filesystem’s in the others', () => {
    expect(masks('v6.1')).toEqual([false]);
    expect(masks('v6.12')).toEqual([true]);
  });

  test('tasks in one directory exclude each other, and end', () => {
    const model = buildFaultModel({
      era: 'v6.1',
      filesystem: paged,
      tasks: [{ kind: 'symlink' }, { kind: 'symlink' }],
    });
    expect(explore(model).verdict).toBe('proved');
  });

  test('what the filesystem cannot make is refused', () => {
    const refused = (task: FaultCase['tasks'][number]): unknown => {
      try {
        return buildFaultModel({ era: 'v6.1', filesystem: paged, tasks: [task] });
      } catch (error) {
        return error instanceof ModelError ? error.code : error;
      }
    };
    expect(refused({ kind: 'mkdir' })).toBe('MM_TASK_UNSUPPORTED');
    expect(refused({ kind: 'symlink', directory: 8 })).toBe('MM_BOUND');
    expect(refused({ kind: 'symlink', fs: 'other' })).toBe('MM_FILESYSTEM_UNKNOWN');
  });
});

describe('throttling', () => {
  const states = (era: EraName, throttling: boolean) =>
    explore(
      buildFaultModel({
        era,
        filesystem: paged,
        tasks: [{ kind: 'symlink' }, { kind: 'kswapd' }],
        victims: [{ kind: 'linked' }],
        throttling,
      }),
    );

  test('a task that may enter filesystems waits for kswapd, which goes on', () => {
    expect(states('v6.12', true).verdict).toBe('proved');
    expect(states('v6.12', true).states).toBeGreaterThan(states('v6.12', false).states);
  });

  test('a task that may not never waits', () => {
    const waits = (era: EraName) =>
      [...states(era, true).walk()].some(({ from }) => from.backtrace.includes('throttle_direct_reclaim'));
    expect(waits('v6.12')).toBe(true);
    expect(waits('v6.1')).toBe(false);
  });
});
