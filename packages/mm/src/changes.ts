/** Changes to the core that the release has not: cures and twins to be tried, each turned on by name in a case. */
export const coreChanges = Object.freeze({
  'use-preallocated-pte':
    'a DAX fault installs the page-table page that __do_fault preallocated, and allocates none with the entry locked',
  'lazytime-stays-in-reclaim':
    'iput leaves a lazy timestamp alone in a task that reclaims, for the flusher to write: it starts no handle',
  'reclaim-leaves-frozen-alone':
    'the shrinker of a superblock gives up, as for a busy s_umount, where the filesystem is frozen',
  'loop-keeps-mapping-mask': 'a loop device leaves __GFP_IO and __GFP_FS in the mapping mask of the file below it',
  'loop-worker-noio': 'the worker of a loop device runs in a NOIO scope, also in releases in which it did not',
  'loop-worker-unscoped': 'the worker of a loop device runs in no scope, also in releases in which it does',
});

export type CoreChange = keyof typeof coreChanges;
