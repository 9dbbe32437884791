import { choose, kernelFunction } from '@faultpath/engine';
import {
  __alloc_pages,
  __getblk_slow,
  kmem_cache_alloc,
  type LockIdentity,
  type Machine,
  toldLock,
  type VmFault,
} from '@faultpath/mm';

const NOFS = 'GFP_NOFS|__GFP_ZERO';

/**
 * Allocates a block. All of it stands inside i_data_sem and asks for memory without `__GFP_FS`, so that exploration needs
 * one allocation of it only; the rest is detail that recordings show.
 *
 * @kernel fs/ext4/mballoc.c ext4_mb_new_blocks v6.1
 * @locks i_data_sem exclusively and the handle are held by the caller; the locality group's mutex inside, for small files
 * @omits group locks; quota; reading bitmaps from disk, which waits for I/O only; freeing preallocations and retrying
 */
export const ext4_mb_new_blocks = kernelFunction('ext4_mb_new_blocks', function* (env: Machine, vmf: VmFault) {
  yield* kmem_cache_alloc(env, { site: 'ext4_mb_new_blocks', mask: env.masks.of(NOFS), charged: false });
  if (env.bounds.detail === undefined) return 0;
  const small = yield choose(2, 'the file is small: its locality group allocates');
  const group: LockIdentity = { lock: 'locality_group', instance: `${vmf.inode.i_sb.name}.lg`, kind: 'mutex' };
  if (small === 1) yield toldLock(group, 'acquired', 'exclusive');
  const preallocated = yield choose(2, 'a preallocation has the block');
  if (preallocated === 0) yield* ext4_mb_regular_allocator(env);
  if (small === 1) yield toldLock(group, 'release', 'exclusive');
  return 0;
});

/**
 * Finds free blocks: what it needs of the group's bitmaps may not be in memory yet.
 *
 * @kernel fs/ext4/mballoc.c ext4_mb_regular_allocator v6.1
 * @locks as ext4_mb_new_blocks
 * @omits groups that have nothing free
 */
const ext4_mb_regular_allocator = kernelFunction('ext4_mb_regular_allocator', function* (env: Machine) {
  yield* kmem_cache_alloc(env, { site: 'ext4_mb_new_blocks', mask: env.masks.of(NOFS), charged: false });
  if ((yield choose(2, 'the buddy of the group is not in memory')) === 1) {
    // Its bitmap and the buddy computed from it, a page each.
    yield* buddyPage(env);
    yield* buddyPage(env);
    if ((yield choose(2, 'the block bitmap is not in memory')) === 1) yield* __getblk_slow(env);
  }
  if ((yield choose(2, 'the bitmap is new to the journal')) === 1) yield* jbd2_journal_add_journal_head(env);
  return 0;
});

/**
 * Finds or makes a page of the buddy cache.
 *
 * @kernel fs/ext4/mballoc.c ext4_mb_load_buddy_gfp v6.1
 * @locks as ext4_mb_new_blocks
 * @omits a page that is in memory already
 */
const buddyPage = kernelFunction('ext4_mb_load_buddy_gfp', function* (env: Machine) {
  const mask = env.masks.of('GFP_NOFS|__GFP_COMP');
  yield* __alloc_pages(env, { site: '__filemap_get_folio', mask, charged: false });
  return 0;
});

/**
 * Gives a buffer what the journal notes about it.
 *
 * @kernel fs/jbd2/journal.c jbd2_journal_add_journal_head v6.1
 * @locks a handle is open
 * @omits failure, after which it asks again
 */
export const jbd2_journal_add_journal_head = kernelFunction('jbd2_journal_add_journal_head', function* (env: Machine) {
  yield* kmem_cache_alloc(env, { site: 'jbd2_journal_add_journal_head', mask: env.masks.of(NOFS), charged: false });
  return 0;
});
