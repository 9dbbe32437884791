import type { ValidationVocabulary } from '@faultpath/lockdep';

/** How recordings of xfs are compared with its model. */
export const xfsValidation: ValidationVocabulary = {
  name: 'xfs',
  fs: 'xfs',
  away: [
    {
      what: 'lock',
      lock: 'xfs_trans',
      because: 'the transaction once more: its scope, told by the same two events, is compared',
    },
    {
      what: 'scope',
      scope: 'NOFS',
      by: 'xfs_trans_alloc',
      because:
        'no record of its own: it is concluded from the transaction, which is compared, and shows in the masks inside',
    },
  ],
  unseen: [
    {
      what: 'lock',
      lock: 'xfs_log_space',
      on: 'every kernel',
      because: 'a reservation that need not wait leaves no event that means it alone; its ticket is compared',
    },
  ],
  early: {
    xlog_ticket_alloc: 'xfs_trans_alloc is printed when the log space is reserved, and the scope begins before',
  },
  // The page cache takes it by the mapping's name; to lockdep, and to xfs itself, it is the MMAPLOCK.
  locks: { invalidate_lock: 'MMAPLOCK' },
  sites: {
    // Pages of a buffer are allocated in bulk: on a stock kernel nothing beside them says for whom.
    unknown: ['xfs_buf_alloc_pages'],
  },
};
