import { dax_delete_mapping_entry } from '@faultpath/dax';
import { kernelFunction, op, set } from '@faultpath/engine';
import {
  changes,
  down_write,
  type Inode,
  type Machine,
  sb_end_write,
  sb_start_write,
  truncate_pagecache,
  up_write,
} from '@faultpath/mm';
import type { Ext4Inode } from './inode.ts';
import { __ext4_journal_start_sb, __ext4_journal_stop } from './journal.ts';

/**
 * Frees the blocks of a file.
 *
 * @kernel fs/ext4/inode.c ext4_truncate v6.1
 * @locks invalidate_lock exclusively on entry; opens a handle and takes i_data_sem exclusively inside
 * @omits restarts of the handle; the partial block at the end
 */
export const ext4_truncate = kernelFunction('ext4_truncate', function* (env: Machine, inode: Inode) {
  const { i_data_sem } = inode.i_private as Ext4Inode;
  yield* __ext4_journal_start_sb(env, inode.i_sb);
  yield down_write(i_data_sem);
  yield op(`free the blocks of ${inode.name}`, [
    { when: [], does: inode.i_mapping.i_pages.map((slot) => set(slot.mapped, 0)), result: 0 },
  ]);
  yield up_write(i_data_sem);
  yield* __ext4_journal_stop(env, inode.i_sb);
  return 0;
});

/**
 * Cuts a file to nothing, from the system call on.
 *
 * @kernel fs/ext4/inode.c ext4_setattr v6.1
 * @locks takes sb_writers shared, i_rwsem and invalidate_lock exclusively; opens handles inside; all released
 * @omits waiting for direct I/O and for pages in use elsewhere (break_layouts); owners and quota
 */
export const ext4_setattr = kernelFunction('ext4_setattr', function* (env: Machine, inode: Inode) {
  const { i_sb, i_rwsem, i_mapping } = inode;
  const { i_data_sem } = inode.i_private as Ext4Inode;
  yield sb_start_write(i_sb);
  yield down_write(i_rwsem);
  yield down_write(i_mapping.invalidate_lock);
  yield* __ext4_journal_start_sb(env, i_sb);
  yield down_write(i_data_sem);
  yield changes('i_disksize', inode.name);
  yield up_write(i_data_sem);
  yield* __ext4_journal_stop(env, i_sb);
  if (i_sb.fs.supports.dax) for (const slot of i_mapping.i_pages) yield* dax_delete_mapping_entry(env, slot);
  else yield* truncate_pagecache(env, inode);
  yield* ext4_truncate(env, inode);
  yield up_write(i_mapping.invalidate_lock);
  yield up_write(i_rwsem);
  yield sb_end_write(i_sb);
  return 0;
});
