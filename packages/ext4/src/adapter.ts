import { type Builder, changesBlocks, defineFilesystem, eraNames } from '@faultpath/mm';
import { ext4Contracts } from './contracts.ts';
import { ext4Decisions } from './decisions.ts';
import { ext4_dax_fault, ext4_dax_huge_fault } from './file.ts';
import { ext4_sync_file } from './fsync.ts';
import { type Ext4Inode, type Ext4SuperBlock, ext4_dirty_inode, ext4_evict_inode, ext4_writepages } from './inode.ts';
import { kjournald2 } from './jbd2/commit.ts';
import { createJournal, type WithJournal } from './jbd2/journal.ts';
import { lockOrder } from './lock-order.ts';
import { ext4_dax_get_block, ext4_iomap_begin } from './map-blocks.ts';
import { ext4_setattr } from './truncate.ts';
import { ext4_file_write_iter } from './write.ts';

const untilV412 = ['v4.9', 'v4.10', 'v4.12'] as const;
const fromV515 = ['v5.15', 'v6.1', 'v6.12'] as const;

function mount(builder: Builder, sb: string): Ext4SuperBlock & WithJournal {
  return {
    journal: createJournal(builder, sb),
    s_writepages_rwsem: builder.rwsem('s_writepages_rwsem', `${sb}.s_writepages_rwsem`, {
      writers: false,
      kind: 'percpu-rwsem',
    }),
  };
}

function setupInode(builder: Builder, inode: string): Ext4Inode {
  const writers = builder.tasks.some((task) => changesBlocks(task, inode));
  return {
    i_data_sem: builder.rwsem('i_data_sem', `${inode}.i_data_sem`, {
      writers,
      // A leaf: nothing inside may sleep for another task, unless an allocation that failed is repeated there.
      leaf: !builder.allocationFailure,
      owner: { object: inode, referenced: true },
    }),
  };
}

function setupVictim(builder: Builder, victim: string): Ext4Inode {
  return {
    i_data_sem: builder.rwsem('i_data_sem', `${victim}.i_data_sem`, {
      writers: true,
      unshared: true,
      owner: { object: victim, referenced: false },
    }),
  };
}

/** ext4 with its journal, mounted for DAX. It declares no mapping mask: its open handles are the scope. */
export const ext4 = defineFilesystem({
  name: 'ext4',
  interfaceVersion: 1,
  locks: {
    i_mmap_sem: { kind: 'rwsem', scope: 'inode', eras: untilV412 },
    s_writepages_rwsem: { kind: 'percpu-rwsem', scope: 'superblock' },
    jbd2_handle: { kind: 'handle', scope: 'journal' },
    jbd2_transaction: { kind: 'transaction', scope: 'journal' },
    jbd2_commit: { kind: 'commit', scope: 'journal' },
    i_data_sem: { kind: 'rwsem', scope: 'inode' },
  },
  lockOrder,
  contracts: ext4Contracts,
  mappingGfp: null,
  supports: { eras: eraNames, dax: true, transactions: true, sync_faults: true },
  vm_ops: { fault: ext4_dax_fault, huge_fault: ext4_dax_huge_fault },
  iomap_ops: { iomap_begin: ext4_iomap_begin, get_block: ext4_dax_get_block },
  s_op: { dirty_inode: ext4_dirty_inode, evict_inode: ext4_evict_inode, writepages: ext4_writepages },
  f_op: { fsync: ext4_sync_file, truncate: ext4_setattr, write_iter: ext4_file_write_iter },
  reclaim: {
    kinds: {
      linked: {
        via: 'prune_icache_sb',
        frequency: 'common',
        eras: eraNames,
        because: 'a clean linked inode is only forgotten',
      },
      'data-journal': {
        via: 'prune_icache_sb',
        frequency: 'option',
        eras: untilV412,
        because:
          'evict waits for the commit of a data-journalled inode; later releases only where it has pages, and then reclaim skips it',
      },
      lazytime: {
        via: 'prune_dcache_sb',
        frequency: 'option',
        eras: eraNames,
        because: 'the last iput of an inode with a lazy timestamp marks it dirty, which opens a handle',
      },
      'dontcache-dirty': {
        via: 'prune_dcache_sb',
        frequency: 'rare',
        eras: fromV515,
        because: 'the last iput writes the inode, which opens a handle, and evicts it',
      },
      orphan: {
        via: 'prune_dcache_sb',
        frequency: 'rare',
        eras: eraNames,
        because: 'the last iput of an unlinked inode frees its blocks in a handle; in a handle of the task it nests',
      },
      quota: {
        via: 'prune_icache_sb',
        frequency: 'option',
        eras: ['v4.9', 'v4.10', 'v4.12', 'v5.15'],
        because: 'the last put of the quota structure opens a handle; later releases leave it to a worker',
      },
    },
  },
  invalidateLock: (era) => ((untilV412 as readonly string[]).includes(era) ? 'i_mmap_sem' : 'invalidate_lock'),
  mount,
  setupInode,
  setupVictim,
  threads: [{ name: 'jbd2', start: (env, sb) => kjournald2(env, sb) }],
  decisions: ext4Decisions,
});
