/** Changes to the core that nobody has made: cures to be tried, each turned on by name in a case. */
export const coreChanges = Object.freeze({
  'use-preallocated-pte':
    'a DAX fault installs the page-table page that __do_fault preallocated, and allocates none with the entry locked',
  'lazytime-stays-in-reclaim':
    'iput leaves a lazy timestamp alone in a task that reclaims, for the flusher to write: it starts no handle',
  'reclaim-leaves-frozen-alone':
    'the shrinker of a superblock gives up, as for a busy s_umount, where the filesystem is frozen',
});

export type CoreChange = keyof typeof coreChanges;
