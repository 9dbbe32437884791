import type { AllocEvent, FaultpathEvent } from '@faultpath/lockdep';
import { describe, expect, test } from 'vitest';
import { readFaults, renderFault, type TraceFault } from '../src/index.ts';
import { fixture, line, textSource, vocabularies } from './recordings.ts';

const faultsOf = async (name: string): Promise<readonly TraceFault[]> =>
  (await readFaults(fixture(name), { vocabularies })).faults;

const only = async (name: string): Promise<TraceFault> => {
  const faults = await faultsOf(name);
  expect(faults).toHaveLength(1);
  return faults[0] as TraceFault;
};

const isAlloc = (event: FaultpathEvent): event is AllocEvent => event.type === 'alloc';

/** Classes held and scopes open when the event at `index` happens. */
function around(fault: TraceFault, index: number): { held: string[]; scopes: string[] } {
  const held: string[] = [];
  const scopes: string[] = [];
  for (const event of fault.events.slice(0, index)) {
    if (event.type === 'lock' && event.action === 'acquired') held.push(event.lock);
    if (event.type === 'lock' && event.action === 'release') held.splice(held.lastIndexOf(event.lock), 1);
    if (event.type === 'scope' && event.action === 'enter') scopes.push(event.scope);
    if (event.type === 'scope' && event.action === 'exit') scopes.splice(scopes.lastIndexOf(event.scope), 1);
  }
  return { held, scopes };
}

describe('a DAX write fault over a hole on ext4', () => {
  test.each(['6.1-ext4-dax-write-hole', '7.2-ext4-dax-write-hole', 'lockdep-6.1-ext4-dax-write-hole'])(
    '%s: the page-table page is allocated in the scope of the handle',
    async (name) => {
      const fault = await only(name);
      expect(fault).toMatchObject({ fs: 'ext4', kind: 'dax write new pte', ret: ['MAJOR', 'NOPAGE'], complete: true });
      const at = fault.events.findLastIndex((event) => isAlloc(event) && event.site === 'pte_alloc_one');
      if (name.startsWith('7.2')) {
        // That kernel had the table already, so nothing is allocated under the entry.
        expect(at).toBe(-1);
        return;
      }
      const event = fault.events[at] as AllocEvent;
      expect(event.effective).toMatchObject({
        how: 'recorded',
        text: 'GFP_NOFS|__GFP_ZERO|__GFP_ACCOUNT',
        fs: false,
        directReclaim: true,
      });
      expect(event.charged).toBe(true);
      const { held, scopes } = around(fault, at);
      expect(held).toEqual(expect.arrayContaining(['mmap_lock', 'invalidate_lock', 'jbd2_handle', 'dax_entry']));
      expect(held.indexOf('jbd2_handle')).toBeLessThan(held.indexOf('dax_entry'));
      expect(scopes).toEqual(['handle', 'NOFS']);
    },
  );

  test('a slab mask is derived from the scope, a page mask is not touched', async () => {
    const fault = await only('lockdep-6.1-ext4-dax-write-hole');
    const lockObject = fault.events.filter(isAlloc).filter((event) => event.site === 'ptlock_alloc');
    expect(lockObject.map(({ requested, effective }) => [requested.text, effective.text, effective.how])).toEqual([
      ['GFP_KERNEL', 'GFP_KERNEL', 'derived'],
      ['GFP_KERNEL', 'GFP_NOFS', 'derived'],
    ]);
  });

  test('nested journal starts open no second handle', async () => {
    const fault = await only('6.1-ext4-dax-write-hole');
    const enters = fault.events.filter((event) => event.type === 'scope' && event.scope === 'handle');
    // PUD, PMD and PTE attempt: one handle each, although ext4_iomap_begin starts another inside the last.
    expect(enters).toHaveLength(6);
  });
});

describe('a DAX read fault over a hole on ext4', () => {
  test.each(['6.1-ext4-dax-read-hole', '5.10-ext4-dax-read-hole'])(
    '%s: no handle, so FS stays in the mask',
    async (name) => {
      const fault = await only(name);
      expect(fault).toMatchObject({ fs: 'ext4', kind: 'dax read hole pte', access: 'read', ret: ['NOPAGE'] });
      const at = fault.events.findLastIndex((event) => isAlloc(event) && event.site === 'pte_alloc_one');
      expect((fault.events[at] as AllocEvent).effective).toMatchObject({
        text: 'GFP_KERNEL_ACCOUNT|__GFP_ZERO',
        fs: true,
      });
      const { held, scopes } = around(fault, at);
      expect(held).toEqual(['mmap_lock', 'invalidate_lock', 'dax_entry']);
      expect(scopes).toEqual([]);
    },
  );
});

describe('a DAX write fault on xfs', () => {
  test.each(['6.1-xfs-dax-write-hole', 'lockdep-6.1-xfs-dax-write-hole', 'xfs-dax-write-hole.report'])(
    '%s: one lock seen by two events is counted once',
    async (name) => {
      const fault = await only(name);
      expect(fault).toMatchObject({ fs: 'xfs', kind: 'dax write new pte' });
      const taken = fault.events.flatMap((event) =>
        event.type === 'lock' && event.action === 'acquired' && event.lock === 'MMAPLOCK' ? [event] : [],
      );
      // PUD, PMD and PTE attempt.
      expect(taken).toHaveLength(3);
      for (const event of taken)
        expect(event).toMatchObject({ mode: 'shared', kind: 'rwsem', owner: expect.anything() });
      const modes = fault.events.flatMap((event) =>
        event.type === 'lock' && event.action === 'acquired' && event.lock === 'ILOCK' ? [event.mode] : [],
      );
      expect(modes).toContain('shared');
      expect(modes).toContain('exclusive');
    },
  );

  test('freeze protection is visible only where lockdep names it', async () => {
    const classes = (fault: TraceFault): readonly string[] =>
      fault.events.flatMap((event) => (event.type === 'lock' ? [event.lock] : []));
    expect(classes(await only('lockdep-6.1-xfs-dax-write-hole'))).toContain('sb_pagefaults');
    expect(classes(await only('6.1-xfs-dax-write-hole'))).not.toContain('sb_pagefaults');
    const stock = await readFaults(fixture('6.1-xfs-dax-write-hole'), { vocabularies });
    const debug = await readFaults(fixture('lockdep-6.1-xfs-dax-write-hole'), { vocabularies });
    expect(stock.notrun.map(({ id }) => id)).toContain('freeze');
    expect(debug.notrun.map(({ id }) => id)).not.toContain('freeze');
  });
});

describe('a page-cache write fault', () => {
  test('RETRY drops mmap_lock inside one fault', async () => {
    const fault = await only('6.1-ext4-page-write-hole');
    expect(fault).toMatchObject({ fs: 'ext4', kind: 'page write', ret: ['LOCKED'] });
    const actions = fault.events.flatMap((event) =>
      event.type === 'lock' && event.lock === 'mmap_lock' ? [event.action] : [],
    );
    expect(actions).toEqual(['acquired', 'release', 'acquired', 'release']);
    const folio = fault.events.filter(isAlloc).find((event) => event.site === '__filemap_get_folio');
    expect(folio?.effective.fs).toBe(false);
  });
});

test('a fault on 7.2 first runs under the lock of its VMA, and comes back', async () => {
  const fault = await only('7.2-ext4-dax-write-hole');
  const locks = fault.events.flatMap((event) =>
    event.type === 'lock' && event.action === 'acquired' ? [event.lock] : [],
  );
  expect(locks.slice(0, 2)).toEqual(['vma_lock', 'mmap_lock']);
});

test('every lock taken in a fault is released in it', async () => {
  for (const name of [
    '6.1-ext4-dax-write-hole',
    '6.1-xfs-dax-write-hole',
    '6.1-ext4-page-write-hole',
    '7.2-ext4-dax-write-hole',
  ]) {
    for (const fault of await faultsOf(name)) {
      const { held, scopes } = around(fault, fault.events.length);
      expect({ name, held, scopes }).toEqual({ name, held: [], scopes: [] });
    }
  }
});

test('a fault is printed with what was held around each allocation', async () => {
  const text = renderFault(await only('6.1-ext4-dax-write-hole'));
  expect(text).toContain('pte_alloc_one');
  expect(text).toContain('GFP_NOFS|__GFP_ZERO|__GFP_ACCOUNT');
  const pte = text.split('\n').find((each) => each.includes('pte_alloc_one'));
  // mmap_lock, invalidate_lock, the handle with its two scopes, the entry, and the fault itself.
  expect(pte?.match(/^ */)?.[0].length).toBe(14);
});

describe('a MAP_SYNC fault', () => {
  test.each(['lockdep-6.1-ext4-dax-sync-write-hole', '6.1-ext4-dax-sync-write-hole'])(
    '%s: the page is mapped under the entry, locked a second time behind the handle',
    async (name) => {
      const fault = await only(name);
      const takings = fault.events.flatMap((event, at) =>
        event.type === 'lock' && event.lock === 'dax_entry' ? [{ at, action: event.action }] : [],
      );
      expect(takings.map(({ action }) => action)).toEqual(['acquired', 'release', 'acquired', 'release']);
      expect(around(fault, takings[2]?.at ?? 0).scopes).toEqual([]);
      const pages = fault.events.flatMap((event, at) => (isAlloc(event) && event.site === 'pte_alloc_one' ? [at] : []));
      const inside = pages.filter((at) => at > (takings[2]?.at ?? 0) && at < (takings[3]?.at ?? 0));
      // The stock kernel had the page table of an earlier mapping.
      expect(inside).toHaveLength(name.startsWith('lockdep') ? 1 : inside.length);
    },
  );
});

describe('reclaim that several faulting tasks enter at once', () => {
  const fault = (task: string, at: number, via: string, reclaimMask: string, mask: string): readonly string[] => {
    const said = (step: number, text: string): string =>
      line(`1.${String(at + step * 10).padStart(6, '0')}`, text, task);
    return [
      said(0, 'page_fault_user: address=0x7f00 ip=0x1 error_code=0x4'),
      said(1, 'dax_pte_fault: dev 259:0 ino 0x1 shared USER address 0x7f00 pgoff 0x0'),
      said(2, 'iomap_iter: dev 259:0 ino 0x1 pos 0x0 length 0x1000 flags FAULT (0x8) ops ext4_iomap_ops caller f'),
      said(3, `mm_vmscan_${via}_reclaim_begin: order=0 gfp_flags=${reclaimMask}`),
      said(4, 'down_read: (down_read+0x0/0xa0) sem=0xff01 caller=super_cache_scan+0x1/0x2'),
      said(5, 'up_read: (up_read+0x0/0xa0) sem=0xff01 caller=super_cache_scan+0x1/0x2'),
      said(6, `mm_vmscan_${via}_reclaim_end: nr_reclaimed=1`),
      said(7, `mm_page_alloc: page=1 pfn=0x1 order=0 migratetype=0 gfp_flags=${mask}`),
      said(8, 'dax_pte_fault_done: dev 259:0 ino 0x1 shared USER address 0x7f00 pgoff 0x0 NOPAGE'),
      said(9, 'sys_enter: NR 1'),
    ];
  };
  const mixed = (...tasks: readonly (readonly string[])[]): string =>
    tasks
      .flat()
      .sort((left, right) => Number(/1\.\d{6}/.exec(left)?.[0]) - Number(/1\.\d{6}/.exec(right)?.[0]))
      .join('');
  const reclaimsOf = async (text: string) =>
    (await readFaults(textSource(text), { vocabularies })).faults.map(({ task, reclaims }) => ({
      task,
      entered: reclaims.map(({ via, took, enteredBy }) => [via, enteredBy?.site, ...took]),
    }));
  const kernel = 'GFP_KERNEL_ACCOUNT|__GFP_ZERO';

  test('is given to the allocation of the task that entered it, also when its mask is the cgroup’s own', async () => {
    const text = mixed(
      fault('first-11', 1, 'direct', kernel, kernel),
      fault('second-12', 2, 'memcg', 'GFP_HIGHUSER_MOVABLE', kernel),
    );
    expect(await reclaimsOf(text)).toEqual([
      { task: 'first-11', entered: [['direct', 'pte_alloc_one', 's_umount']] },
      { task: 'second-12', entered: [['memcg', 'pte_alloc_one', 's_umount']] },
    ]);
  });

  test('is given to none where no allocation after it fits', async () => {
    const text = mixed(
      fault('first-11', 1, 'direct', 'GFP_NOFS|__GFP_ZERO', kernel),
      fault('second-12', 2, 'memcg', 'GFP_HIGHUSER_MOVABLE', 'GFP_NOFS|__GFP_ZERO|__GFP_ACCOUNT'),
    );
    expect((await reclaimsOf(text)).flatMap(({ entered }) => entered.map(([, site]) => site))).toEqual([
      undefined,
      undefined,
    ]);
  });
});
