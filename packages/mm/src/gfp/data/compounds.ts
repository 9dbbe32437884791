/**
 * What the combined names stand for. A flag that a layout doesn't have counts as 0, as it does in the kernel's headers.
 * `from` and `to` are the first and last layout that has this definition; a later row replaces an earlier one.
 */
export interface CompoundRow {
  readonly name: string;
  readonly set: string;
  readonly clear?: string;
  readonly from?: string;
  readonly to?: string;
}

export const COMPOUND_ROWS: readonly CompoundRow[] = [
  { name: 'GFP_ZONEMASK', set: '__GFP_DMA __GFP_HIGHMEM __GFP_DMA32 __GFP_MOVABLE' },
  { name: '__GFP_RECLAIM', set: '__GFP_DIRECT_RECLAIM __GFP_KSWAPD_RECLAIM' },
  { name: 'GFP_ATOMIC', set: '__GFP_HIGH __GFP_ATOMIC __GFP_KSWAPD_RECLAIM' },
  { name: 'GFP_NOWAIT', set: '__GFP_KSWAPD_RECLAIM' },
  { name: 'GFP_NOWAIT', set: '__GFP_KSWAPD_RECLAIM __GFP_NOWARN', from: 'v6.7' },
  { name: 'GFP_NOIO', set: '__GFP_RECLAIM' },
  { name: 'GFP_NOFS', set: '__GFP_RECLAIM __GFP_IO' },
  { name: 'GFP_KERNEL', set: '__GFP_RECLAIM __GFP_IO __GFP_FS' },
  { name: 'GFP_KERNEL_ACCOUNT', set: 'GFP_KERNEL __GFP_ACCOUNT', from: 'v4.5' },
  { name: 'GFP_TEMPORARY', set: 'GFP_KERNEL __GFP_RECLAIMABLE', to: 'v4.13' },
  { name: 'GFP_USER', set: 'GFP_KERNEL __GFP_HARDWALL' },
  { name: 'GFP_DMA', set: '__GFP_DMA' },
  { name: 'GFP_DMA32', set: '__GFP_DMA32' },
  { name: 'GFP_HIGHUSER', set: 'GFP_USER __GFP_HIGHMEM' },
  { name: 'GFP_HIGHUSER_MOVABLE', set: 'GFP_HIGHUSER __GFP_MOVABLE' },
  { name: 'GFP_HIGHUSER_MOVABLE', set: 'GFP_HIGHUSER __GFP_MOVABLE __GFP_SKIP_KASAN_POISON', from: 'v5.14' },
  {
    name: 'GFP_HIGHUSER_MOVABLE',
    set: 'GFP_HIGHUSER __GFP_MOVABLE __GFP_SKIP_KASAN_POISON __GFP_SKIP_KASAN_UNPOISON',
    from: 'v6.0',
  },
  { name: 'GFP_HIGHUSER_MOVABLE', set: 'GFP_HIGHUSER __GFP_MOVABLE __GFP_SKIP_KASAN', from: 'v6.4' },
  {
    name: 'GFP_TRANSHUGE_LIGHT',
    set: 'GFP_HIGHUSER_MOVABLE __GFP_COMP __GFP_NOMEMALLOC __GFP_NOWARN',
    clear: '__GFP_RECLAIM',
    from: 'v4.8',
  },
  {
    name: 'GFP_TRANSHUGE',
    set: 'GFP_HIGHUSER_MOVABLE __GFP_COMP __GFP_NOMEMALLOC __GFP_NORETRY __GFP_NOWARN',
    clear: '__GFP_KSWAPD_RECLAIM',
  },
  {
    name: 'GFP_TRANSHUGE',
    set: 'GFP_HIGHUSER_MOVABLE __GFP_COMP __GFP_NOMEMALLOC __GFP_NORETRY __GFP_NOWARN',
    clear: '__GFP_RECLAIM',
    from: 'v4.6',
  },
  { name: 'GFP_TRANSHUGE', set: 'GFP_TRANSHUGE_LIGHT __GFP_DIRECT_RECLAIM', from: 'v4.8' },
];

/**
 * Names of call sites' masks that no printer knows, by release series. `GFP_PGTABLE_*` came with the generic
 * page-table allocation of 5.3; `PGALLOC_GFP` is what x86 had before, read at 4.9, 4.10 and 4.12.
 */
export interface SourceNameRow {
  readonly name: string;
  readonly set: string;
  readonly fromSeries: string;
  readonly toSeries?: string;
}

export const SOURCE_NAME_ROWS: readonly SourceNameRow[] = [
  { name: 'GFP_PGTABLE_KERNEL', set: 'GFP_KERNEL __GFP_ZERO', fromSeries: '5.3' },
  { name: 'GFP_PGTABLE_USER', set: 'GFP_KERNEL __GFP_ZERO __GFP_ACCOUNT', fromSeries: '5.3' },
  {
    name: 'PGALLOC_GFP',
    set: 'GFP_KERNEL_ACCOUNT __GFP_NOTRACK __GFP_ZERO',
    fromSeries: '4.9',
    toSeries: '4.12',
  },
];
