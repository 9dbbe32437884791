import type { TraceVocabulary } from '@faultpath/lockdep';

/**
 * Functions that take ns_segctor_sem themselves, and no other rwsem. `nilfs_resize_fs` is none of them: it takes ns_sem,
 * too, in the same way. Read in segment.c, ioctl.c, super.c and sysfs.c of public trees up to 6.13.
 */
const segctor = [
  'nilfs_transaction_begin',
  'nilfs_transaction_lock',
  'nilfs_relax_pressure_in_lock',
  'nilfs_attach_checkpoint',
  'nilfs_ioctl_do_get_cpinfo',
  'nilfs_ioctl_do_get_suinfo',
  'nilfs_ioctl_do_get_vinfo',
  'nilfs_ioctl_do_get_bdescs',
  'nilfs_ioctl_get_cpstat',
  'nilfs_ioctl_get_sustat',
  'nilfs_ioctl_trim_fs',
  'nilfs_segctor_destroy',
  'nilfs_segctor_next_pseg_offset_show',
  'nilfs_segctor_last_nongc_write_time_show',
  'nilfs_segctor_dirty_data_blocks_count_show',
  'nilfs_segctor_current_seg_sequence_show',
];

/**
 * nilfs2 in a recording, v5.10 to v7.2. One event tells every change of a transaction, and which one only in its text; the
 * transaction is told by ns_segctor_sem, which it has from its begin to its end. Reclaim inside a transaction nests in it,
 * so that nothing is declared of what reclaim waits for.
 */
export const nilfs2TraceVocabulary: TraceVocabulary = {
  name: 'nilfs2',
  fs: 'nilfs2',
  marks: ['nilfs2_transaction_transition', 'nilfs_page_mkwrite'],
  locks: {
    ns_segctor_sem: 'rwsem',
    b_sem: 'rwsem',
    mdt_b_sem: 'rwsem',
    dat_b_sem: 'rwsem',
  },
  callers: segctor.map((caller) => ({ caller, lock: 'ns_segctor_sem', kind: 'rwsem' as const })),
  lockdepClasses: {
    '&nilfs->ns_segctor_sem': 'ns_segctor_sem',
    '&bmap->b_sem': 'b_sem',
    // Those of metadata files, and of the DAT, nest inside a file's: they are classes of their own.
    '&nilfs_bmap_mdt_lock_key': 'mdt_b_sem',
    '&nilfs_bmap_dat_lock_key': 'dat_b_sem',
  },
  record: {
    events: ['nilfs2/nilfs2_transaction_transition'],
    probes: [{ name: 'nilfs_page_mkwrite', symbol: 'nilfs_page_mkwrite', at: 'entry', fetch: ['vmf:x64'] }],
  },
};
