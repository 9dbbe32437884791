import type { ValidationVocabulary } from '@faultpath/lockdep';

/** How recordings of ext4 are compared with its model. */
export const ext4Validation: ValidationVocabulary = {
  name: 'ext4',
  fs: 'ext4',
  away: [
    {
      what: 'scope',
      scope: 'NOFS',
      by: 'start_this_handle',
      because:
        'no record of its own: it is concluded from the handle, which is compared, and shows in the masks inside',
    },
  ],
  unseen: [
    {
      what: 'lock',
      lock: 's_writepages_rwsem',
      on: 'stock',
      because: 'an uncontended per-CPU rwsem leaves no event without lockdep',
    },
  ],
};
