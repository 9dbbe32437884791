import type { ProbeRule, RecordRule } from '@faultpath/lockdep';

const lock = (name: string, argument: string): ProbeRule => ({
  name,
  symbol: name,
  at: 'entry',
  fetch: [`${argument}:x64`],
  caller: true,
});

const returns = (name: string, symbol: string, fetch: string): ProbeRule => ({
  name: `${name}_ret`,
  symbol,
  at: 'return',
  fetch: [fetch],
});

/** What to record for the memory manager's and the VFS's part of a fault. */
export const coreRecord: RecordRule = {
  events: [
    'exceptions/page_fault_user',
    'exceptions/page_fault_kernel',
    'kmem/mm_page_alloc',
    'kmem/kmalloc',
    'kmem/kmalloc_node',
    'kmem/kmem_cache_alloc',
    'kmem/kmem_cache_alloc_node',
    'fs_dax/*',
    'iomap/iomap_iter',
    'iomap/iomap_iter_dstmap',
    'filemap/mm_filemap_add_to_page_cache',
    'filemap/mm_filemap_fault',
    'filemap/mm_filemap_map_pages',
    'vmscan/mm_vmscan_direct_reclaim_begin',
    'vmscan/mm_vmscan_direct_reclaim_end',
    'vmscan/mm_vmscan_memcg_reclaim_begin',
    'vmscan/mm_vmscan_memcg_reclaim_end',
    'lock/contention_begin',
    'lock/contention_end',
    'lock/lock_acquire',
    'lock/lock_release',
  ],
  probes: [
    lock('down_read', 'sem'),
    lock('up_read', 'sem'),
    lock('down_write', 'sem'),
    lock('up_write', 'sem'),
    lock('downgrade_write', 'sem'),
    lock('down_read_trylock', 'sem'),
    returns('down_read_trylock', 'down_read_trylock', 'ret:s32'),
    lock('down_write_trylock', 'sem'),
    returns('down_write_trylock', 'down_write_trylock', 'ret:s32'),
    lock('mutex_lock', 'lock'),
    lock('mutex_unlock', 'lock'),
    lock('mutex_trylock', 'lock'),
    returns('mutex_trylock', 'mutex_trylock', 'ret:s32'),
    { name: 'handle_mm_fault', symbol: 'handle_mm_fault', at: 'entry', fetch: ['-', 'address:x64', 'flags:x32'] },
    returns('handle_mm_fault', 'handle_mm_fault', 'ret:x32'),
    { name: 'filemap_fault', symbol: 'filemap_fault', at: 'entry', fetch: ['vmf:x64'] },
    { name: 'do_page_mkwrite', symbol: 'do_page_mkwrite', at: 'entry', fetch: ['vmf:x64'] },
    {
      name: 'vmf_insert_mixed_mkwrite',
      symbol: 'vmf_insert_mixed_mkwrite',
      at: 'entry',
      fetch: ['-', 'address:x64'],
    },
    { name: 'vmf_insert_page_mkwrite', symbol: 'vmf_insert_page_mkwrite', at: 'entry', fetch: ['vmf:x64'] },
    { name: 'grab_mapping_entry', symbol: 'grab_mapping_entry', at: 'entry', fetch: ['-', '-', 'order:u32'] },
    returns('grab_mapping_entry', 'grab_mapping_entry', 'entry:x64'),
  ],
};
