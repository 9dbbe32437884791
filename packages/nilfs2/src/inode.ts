import { kernelFunction } from '@faultpath/engine';
import { changes, type Machine, type SuperBlock, type Victim } from '@faultpath/mm';
import { nilfs_transaction_begin, nilfs_transaction_commit } from './transaction.ts';

/**
 * Puts an inode that was marked dirty on the constructor's list, in a transaction.
 *
 * @kernel fs/nilfs2/inode.c nilfs_dirty_inode v6.1
 * @locks whatever the caller holds; begins and ends a transaction
 * @omits the inode's block; metadata files
 */
export const nilfs_dirty_inode = kernelFunction('nilfs_dirty_inode', function* (env: Machine, sb: SuperBlock) {
  yield* nilfs_transaction_begin(env, sb);
  yield changes('inode', sb.name);
  yield* nilfs_transaction_commit(env, sb);
  return 0;
});

/**
 * Ends an inode: a linked one is only forgotten, an unlinked one gives its blocks back in a transaction.
 *
 * @kernel fs/nilfs2/inode.c nilfs_evict_inode v6.1
 * @locks begins and ends a transaction
 * @omits pages; the bmap of the dying inode, which nobody else has
 */
export const nilfs_evict_inode = kernelFunction('nilfs_evict_inode', function* (env: Machine, victim: Victim) {
  if (!victim.state.unlinked) return 0;
  yield* nilfs_transaction_begin(env, victim.i_sb);
  yield changes('mapped', victim.name);
  yield* nilfs_transaction_commit(env, victim.i_sb);
  return 0;
});
