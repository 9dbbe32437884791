import type { EraName } from '@faultpath/mm';

export const untilV412 = ['v4.9', 'v4.10', 'v4.12'] as const;
export const fromV515 = ['v5.15', 'v6.1', 'v6.12'] as const;

/** What xfs alone does differently in the modelled releases, and where that was read. */
interface XfsFact {
  readonly at: string;
  readonly eras: readonly EraName[];
}

/** One row a fact, with the eras in which it is so. Facts that the core asks too stand in its own table. */
const facts = {
  /** An open transaction is noted in `current->journal_info`, which keeps its task from waiting for inactivation. */
  journalInfo: { at: 'fs/xfs/xfs_trans.h xfs_trans_set_context', eras: ['v5.15', 'v6.1'] },
  /** Faults of all sizes and kinds go through one function. */
  oneFaultHandler: { at: 'fs/xfs/xfs_file.c __xfs_filemap_fault', eras: fromV515 },
  /** Reads and direct writes have an iomap_begin each. */
  splitIomapBegin: { at: 'fs/xfs/xfs_iomap.c xfs_direct_write_iomap_begin', eras: fromV515 },
  /** A timestamp may stay in memory, and is logged when the last reference goes. */
  lazytime: { at: 'fs/xfs/xfs_super.c xfs_fs_dirty_inode', eras: fromV515 },
  /** Mapping pages around a fault takes the MMAPLOCK. */
  lockedMapPages: { at: 'fs/xfs/xfs_file.c xfs_filemap_map_pages', eras: ['v5.15', 'v6.1'] },
  /** Inside transactions the mask leaves FS in: their scope takes it out. */
  scopedTicket: { at: 'fs/xfs/xfs_log.c xlog_ticket_alloc', eras: ['v6.12'] },
  /** Reclaim of an inode's memory waits for its buffer. */
  inodeReclaimWaits: { at: 'fs/xfs/xfs_icache.c xfs_reclaim_inodes_nr', eras: untilV412 },
} as const satisfies Record<string, XfsFact>;

/** Is it so in this era? */
export function does(era: { readonly name: EraName }, fact: keyof typeof facts): boolean {
  return (facts[fact].eras as readonly EraName[]).includes(era.name);
}
