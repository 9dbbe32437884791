import { kernelFunction, type Op, op, set, when } from '@faultpath/engine';
import {
  down_write,
  HOLE_PAGE,
  HOLE_PAGE_LOCKED,
  lockEvent,
  type Machine,
  type PageSlot,
  pageIdentity,
  type SuperBlock,
  unlock_page,
  up_write,
} from '@faultpath/mm';
import { decides } from './decisions.ts';
import { nilfsOf } from './transaction.ts';

/** Locks a page if it is dirty: result 1, or 0 where there is nothing to write. */
function lockDirtyPage(slot: PageSlot): Op {
  const hold = { object: slot.pageLock, mode: 'exclusive' };
  const { dirty } = slot;
  if (dirty === undefined) return op(`nothing dirty at ${slot.owner}`, [{ when: [], does: [], result: 0 }]);
  return op(
    `lock_page ${slot.pageLock.name}`,
    [
      {
        when: [when(slot.entry, '==', HOLE_PAGE), when(dirty, '==', 1)],
        does: [set(slot.entry, HOLE_PAGE_LOCKED), set(dirty, 0)],
        result: 1,
        acquires: [hold],
        event: lockEvent(pageIdentity(slot), 'acquired', 'exclusive'),
      },
      { when: [when(dirty, '==', 0)], does: [], result: 0 },
    ],
    hold,
  );
}

/**
 * Collects the dirty buffers of a page, which it locks for that.
 *
 * @kernel fs/nilfs2/segment.c nilfs_lookup_dirty_data_buffers v6.1
 * @locks ns_segctor_sem held exclusively; locks and unlocks the page
 * @omits the buffers; waiting for a write of the page that is under way
 */
export const nilfs_lookup_dirty_data_buffers = kernelFunction(
  'nilfs_lookup_dirty_data_buffers',
  function* (env: Machine, slot: PageSlot) {
    if ((yield lockDirtyPage(slot)) === 1) yield* unlock_page(env, slot);
    return 0;
  },
);

/**
 * Constructs a segment from what is dirty.
 *
 * @kernel fs/nilfs2/segment.c nilfs_segctor_construct v6.1
 * @locks ns_segctor_sem held exclusively; locks and unlocks every dirty page
 * @omits inodes, metadata files and the super root, which no task of the model has locked; writing the segment
 */
export const nilfs_segctor_construct = kernelFunction(
  'nilfs_segctor_construct',
  function* (env: Machine, sb: SuperBlock) {
    if (!decides(sb, 'constructorLocksPages')) return 0;
    for (const { i_sb, i_mapping } of env.files) {
      if (i_sb !== sb) continue;
      for (const slot of i_mapping.i_pages) yield* nilfs_lookup_dirty_data_buffers(env, slot);
    }
    return 0;
  },
);

/**
 * The segment constructor. It keeps transactions out while it works, and may do so whenever it likes.
 *
 * @kernel fs/nilfs2/segment.c nilfs_segctor_thread_construct v6.1
 * @locks takes ns_segctor_sem exclusively; released on return
 * @omits that it works only after a request or its interval
 */
export const nilfs_segctor_thread = kernelFunction('nilfs_segctor_thread', function* (env: Machine, sb: SuperBlock) {
  const { ns_segctor_sem } = nilfsOf(sb);
  yield down_write(ns_segctor_sem);
  yield* nilfs_segctor_construct(env, sb);
  yield up_write(ns_segctor_sem);
  return 0;
});
