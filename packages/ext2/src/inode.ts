import { kernelFunction, load, op, registerConstant, set } from '@faultpath/engine';
import {
  down_write,
  IOMAP,
  type Machine,
  type PageSlot,
  type Rwsem,
  sb_end_intwrite,
  sb_start_intwrite,
  up_write,
  type Victim,
  type VmFault,
} from '@faultpath/mm';
import { __ext2_truncate_blocks, type Ext2Inode } from './file.ts';

/** Nobody can look at the blocks of an inode that goes. */
const noPages = registerConstant<readonly PageSlot[]>([]);

/** An unused inode: its own locks, that nobody else can want any more. */
export interface Ext2Victim extends Ext2Inode {
  readonly invalidate_lock: Rwsem;
}

/**
 * Finds the block of a fault's page, and for a write into a hole allocates one.
 *
 * @kernel fs/ext2/inode.c ext2_iomap_begin v6.1
 * @locks truncate_mutex inside where it allocates; the DAX entry is held by the caller
 * @omits the indirect blocks and the group's bitmap, read and zeroed with GFP_NOFS under the mutex
 */
export const ext2_iomap_begin = kernelFunction('ext2_iomap_begin', function* (_env: Machine, vmf: VmFault) {
  const { mapped } = vmf.slot;
  if ((yield load(mapped)) === 1) return IOMAP.MAPPED;
  if (!vmf.write) return IOMAP.HOLE;
  const { truncate_mutex } = vmf.inode.i_private as Ext2Inode;
  yield down_write(truncate_mutex);
  yield op(`allocate a block for ${vmf.slot.owner}`, [{ when: [], does: [set(mapped, 1)], result: 0 }]);
  yield up_write(truncate_mutex);
  return IOMAP.MAPPED;
});

/**
 * Ends an inode: a linked one is only forgotten, an unlinked one gives its blocks back.
 *
 * @kernel fs/ext2/inode.c ext2_evict_inode v6.1
 * @locks takes sb_internal shared, then invalidate_lock and truncate_mutex of the dying inode; all released
 * @omits extended attributes, quota, the inode's own block
 */
export const ext2_evict_inode = kernelFunction('ext2_evict_inode', function* (env: Machine, victim: Victim) {
  if (!victim.state.unlinked) return 0;
  const dying = victim.i_private as Ext2Victim;
  yield sb_start_intwrite(victim.i_sb);
  yield down_write(dying.invalidate_lock);
  yield* __ext2_truncate_blocks(env, victim.name, dying.truncate_mutex, noPages);
  yield up_write(dying.invalidate_lock);
  yield sb_end_intwrite(victim.i_sb);
  return 0;
});
