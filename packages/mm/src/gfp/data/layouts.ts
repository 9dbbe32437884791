/**
 * Which bit is which, release by release. A table is the flags from bit 0 upwards, without their `__GFP_`; `-` is a
 * bit nobody uses, and `NAME?option` a bit that only exists with that option. In a fixed table an absent option leaves
 * a hole; in a packed table everything above moves down.
 *
 * Source: include/linux/gfp.h and gfp_types.h of the releases named in `series.ts`.
 */

const ZONES_TO_FS = 'DMA HIGHMEM DMA32 MOVABLE RECLAIMABLE HIGH IO FS';
const FROM_4_4 = `${ZONES_TO_FS} COLD NOWARN REPEAT NOFAIL NORETRY MEMALLOC COMP ZERO NOMEMALLOC HARDWALL THISNODE ATOMIC`;
const FROM_4_13 = FROM_4_4.replace('REPEAT', 'RETRY_MAYFAIL');
const FROM_4_15 = FROM_4_13.replace('COLD', '-');
const FROM_4_18 = FROM_4_15.replace(' - ', ' WRITE ');
const WRITE_TO_ACCOUNT =
  'DIRECT_RECLAIM KSWAPD_RECLAIM WRITE NOWARN RETRY_MAYFAIL NOFAIL NORETRY MEMALLOC COMP NOMEMALLOC HARDWALL THISNODE ACCOUNT';
const FROM_5_1 = `${ZONES_TO_FS} ZERO ATOMIC ${WRITE_TO_ACCOUNT}`;
const FROM_6_3 = `${ZONES_TO_FS} ZERO - ${WRITE_TO_ACCOUNT}`;
const TAGS_5_18 = 'ZEROTAGS SKIP_ZERO?kasanHwTags SKIP_KASAN_UNPOISON?kasanHwTags SKIP_KASAN_POISON?kasanHwTags';
const TAGS_6_4 = 'ZEROTAGS SKIP_ZERO?kasanHwTags SKIP_KASAN?kasanHwTags';
const NOLOCKDEP = 'NOLOCKDEP?lockdep';

/** How one layout differs from the rest; the names are the releases where it began. */
export interface LayoutRow {
  readonly id: string;
  readonly bits: string;
  /** Absent options let the bits above move down. */
  readonly packed?: true;
}

export const LAYOUT_ROWS: readonly LayoutRow[] = [
  { id: 'v4.4', bits: `${FROM_4_4} NOACCOUNT NOTRACK DIRECT_RECLAIM OTHER_NODE WRITE KSWAPD_RECLAIM` },
  { id: 'v4.5', bits: `${FROM_4_4} ACCOUNT NOTRACK DIRECT_RECLAIM OTHER_NODE WRITE KSWAPD_RECLAIM` },
  { id: 'v4.6', bits: `${FROM_4_4} ACCOUNT NOTRACK DIRECT_RECLAIM OTHER_NODE WRITE KSWAPD_RECLAIM` },
  { id: 'v4.8', bits: `${FROM_4_4} ACCOUNT NOTRACK DIRECT_RECLAIM OTHER_NODE WRITE KSWAPD_RECLAIM` },
  { id: 'v4.10', bits: `${FROM_4_4} ACCOUNT NOTRACK DIRECT_RECLAIM WRITE KSWAPD_RECLAIM` },
  { id: 'v4.12', bits: `${FROM_4_4} ACCOUNT NOTRACK DIRECT_RECLAIM WRITE KSWAPD_RECLAIM ${NOLOCKDEP}` },
  { id: 'v4.13', bits: `${FROM_4_13} ACCOUNT NOTRACK DIRECT_RECLAIM WRITE KSWAPD_RECLAIM ${NOLOCKDEP}` },
  { id: 'v4.14-early', bits: `${FROM_4_13} ACCOUNT NOTRACK DIRECT_RECLAIM WRITE KSWAPD_RECLAIM ${NOLOCKDEP}` },
  { id: 'v4.14-late', bits: `${FROM_4_13} ACCOUNT - DIRECT_RECLAIM WRITE KSWAPD_RECLAIM ${NOLOCKDEP}` },
  { id: 'v4.15', bits: `${FROM_4_15} ACCOUNT - DIRECT_RECLAIM WRITE KSWAPD_RECLAIM ${NOLOCKDEP}` },
  { id: 'v4.18', bits: `${FROM_4_18} ACCOUNT DIRECT_RECLAIM KSWAPD_RECLAIM ${NOLOCKDEP}` },
  { id: 'v5.1', bits: `${FROM_5_1} ${NOLOCKDEP}` },
  { id: 'v5.14', bits: `${FROM_5_1} ZEROTAGS SKIP_KASAN_POISON ${NOLOCKDEP}` },
  { id: 'v5.18', bits: `${FROM_5_1} ${TAGS_5_18} ${NOLOCKDEP}` },
  { id: 'v6.0', bits: `${FROM_5_1} ${TAGS_5_18} ${NOLOCKDEP}` },
  { id: 'v6.3', bits: `${FROM_6_3} ${TAGS_5_18} ${NOLOCKDEP}` },
  { id: 'v6.4', bits: `${FROM_6_3} ${TAGS_6_4} ${NOLOCKDEP}` },
  { id: 'v6.7', bits: `${FROM_6_3} ${TAGS_6_4} ${NOLOCKDEP}` },
  { id: 'v6.9', bits: `${FROM_6_3} ${TAGS_6_4} ${NOLOCKDEP}`, packed: true },
  { id: 'v6.10', bits: `${FROM_6_3} ${TAGS_6_4} ${NOLOCKDEP} NO_OBJ_EXT?slabObjExt`, packed: true },
  { id: 'v6.15', bits: `${FROM_6_3} ${TAGS_6_4} ${NOLOCKDEP} NO_OBJ_EXT?slabObjExt`, packed: true },
  { id: 'v6.19', bits: `${FROM_6_3} ${TAGS_6_4} ${NOLOCKDEP} NO_OBJ_EXT`, packed: true },
  { id: 'mainline', bits: `${FROM_6_3} ${TAGS_6_4} ${NOLOCKDEP}`, packed: true },
];
