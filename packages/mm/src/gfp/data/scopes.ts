/**
 * Task scopes: the release series in which the task flag exists, and what it does to a mask there.
 * Source: current_gfp_context() in include/linux/sched/mm.h (memalloc_noio_flags() before 4.12).
 */
export interface ScopeRow {
  readonly scope: 'nofs' | 'noio' | 'pin' | 'nocma' | 'noreclaim' | 'nowarn' | 'memalloc';
  readonly flag: string;
  readonly fromSeries?: string;
  readonly toSeries?: string;
  /** What the scope takes out of a mask, and puts in. */
  readonly clear?: string;
  readonly set?: string;
  /** Series in which it changes the mask, where that is not all of them. */
  readonly effectiveTo?: string;
}

/**
 * NORECLAIM, NOIO and NOFS form one chain, in this order: the first that is set acts and the rest are not looked at.
 * The others act on their own.
 */
export const CHAIN: readonly ScopeRow['scope'][] = ['noreclaim', 'noio', 'nofs'];

export const SCOPE_ROWS: readonly ScopeRow[] = [
  {
    scope: 'noreclaim',
    flag: 'PF_MEMALLOC_NORECLAIM',
    fromSeries: '6.9',
    toSeries: '6.11',
    clear: '__GFP_DIRECT_RECLAIM',
  },
  { scope: 'noio', flag: 'PF_MEMALLOC_NOIO', clear: '__GFP_IO __GFP_FS' },
  { scope: 'nofs', flag: 'PF_MEMALLOC_NOFS', fromSeries: '4.12', clear: '__GFP_FS' },
  { scope: 'nowarn', flag: 'PF_MEMALLOC_NOWARN', fromSeries: '6.9', toSeries: '6.11', set: '__GFP_NOWARN' },
  {
    scope: 'nocma',
    flag: 'PF_MEMALLOC_NOCMA',
    fromSeries: '5.1',
    toSeries: '5.12',
    clear: '__GFP_MOVABLE',
    effectiveTo: '5.8',
  },
  { scope: 'pin', flag: 'PF_MEMALLOC_PIN', fromSeries: '5.14', clear: '__GFP_MOVABLE' },
  { scope: 'memalloc', flag: 'PF_MEMALLOC' },
];

/** 5.13 was not read, and the same bit is NOCMA before it and PIN after it. */
export const UNSETTLED_SCOPES = { series: '5.13', scopes: ['nocma', 'pin'] } as const;
