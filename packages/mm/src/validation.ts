import type { ValidationVocabulary } from '@faultpath/lockdep';

/** How recordings are compared with the model, as far as the core goes. */
export const coreValidation: ValidationVocabulary = {
  name: 'core',
  away: [
    { what: 'lock', kind: 'spinlock', because: 'nobody sleeps with it, and whoever waits for it waits for no reclaim' },
    { what: 'lock', kind: 'rwlock', because: 'it spins as a spinlock does' },
    {
      what: 'lock',
      lock: 'vma_lock',
      because: 'concluded from the flags of the fault; whether mmap_lock is taken instead is compared',
    },
    {
      what: 'alloc',
      sleeps: false,
      because: 'it cannot sleep: it never reclaims, and fails instead; what follows a failure is in the model',
    },
  ],
  inReclaim: [
    {
      what: 'lock',
      lock: 'shrinker_rwsem',
      because: 'reclaim only tries it, and leaves the shrinkers out where it is busy',
    },
    {
      what: 'lock',
      lock: 'anon_vma',
      because: 'reclaim only tries it, to unmap a page, and takes another page where it is busy',
    },
    { what: 'lock', lock: 'i_mmap_rwsem', because: 'reclaim only tries it, as it does the lock of an anon_vma' },
  ],
  unseen: [
    {
      what: 'scope',
      scope: 'MEMALLOC',
      on: 'every kernel',
      because: 'reclaim sets the flag of its task; the events of reclaim stand for it',
    },
    {
      what: 'lock',
      lock: 'folio_lock',
      on: 'every kernel',
      because: 'a page that nobody has locked is locked by one instruction, and lockdep does not know it',
    },
    {
      what: 'lock',
      lock: 'vma_lock',
      on: 'every kernel',
      because: 'it leaves no event; the flags of the fault tell that it is tried, and nothing tells when it is dropped',
    },
    {
      what: 'scope',
      scope: 'NOFS',
      on: 'every kernel',
      because: 'memalloc_nofs_save() leaves no event; every mask inside a scope shows it',
    },
    {
      what: 'lock',
      lock: 'sb_pagefaults',
      on: 'stock',
      because: 'an uncontended per-CPU rwsem leaves no event without lockdep',
    },
    {
      what: 'lock',
      lock: 'sb_internal',
      on: 'stock',
      because: 'an uncontended per-CPU rwsem leaves no event without lockdep',
    },
  ],
  // From 6.18 on: objects are kept in sheaves, which are filled before the object is had.
  slab: ['__pcs_replace_empty_main', '__pcs_replace_full_main', 'alloc_empty_sheaf', 'refill_sheaf'],
  sites: {
    // Without a backtrace a page of the page table is known by its mask only.
    // The function that copies is inlined; on a stock kernel nothing beside the page says for whom it is.
    __handle_mm_fault: ['do_cow_fault'],
    unknown: ['do_cow_fault'],
    // On a stock kernel the page's entry into the tree follows, and nothing says who asked for it.
    __filemap_get_folio: ['page_cache_ra_unbounded', 'page_cache_ra_order'],
    'page-table': ['__p4d_alloc', '__pud_alloc', '__pmd_alloc', 'pte_alloc_one'],
  },
};
