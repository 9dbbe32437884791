import { kernelFunction, note, type Op } from '@faultpath/engine';
import { type LockIdentity, lockEvent } from '../events.ts';
import { freezeLevels, sb_freeze_unlock, sb_wait_write } from '../locks/freeze.ts';
import { down_write, up_write } from '../locks/rwsem.ts';
import type { Machine, SuperBlock } from '../machine/types.ts';

/**
 * A frozen filesystem belongs to no task: lockdep is told that the levels are given back when the freeze is over, and
 * taken again when the thaw begins. Who waits for them meanwhile is the exploration's business.
 */
function tellLevels(sb: SuperBlock, action: 'acquired' | 'release'): Op {
  const levels = action === 'acquired' ? freezeLevels : freezeLevels.toReversed();
  const events = levels.map((level) => {
    const { lock, instance, kind, owner }: LockIdentity = sb.s_writers[level];
    return lockEvent(
      { lock, instance, kind, ...(owner === undefined ? {} : { owner }) },
      action,
      'exclusive',
      action === 'acquired',
    );
  });
  return note(`lockdep_sb_freeze_${action === 'acquired' ? 'acquire' : 'release'}`, Object.freeze(events));
}

/**
 * Freezes a filesystem level by level.
 *
 * @kernel fs/super.c freeze_super v6.1
 * @locks takes s_umount exclusively; returns with the three freeze levels held, s_umount released
 * @omits writing back what is dirty, and the filesystem's own freeze_fs
 */
export const freeze_super = kernelFunction('freeze_super', function* (env: Machine, sb: SuperBlock) {
  yield down_write(sb.s_umount);
  yield sb_wait_write(sb, 'sb_writers');
  yield sb_wait_write(sb, 'sb_pagefaults');
  const { sync_fs } = sb.fs.s_op;
  if (sync_fs !== undefined) yield* sync_fs(env, sb);
  yield sb_wait_write(sb, 'sb_internal');
  yield tellLevels(sb, 'release');
  yield up_write(sb.s_umount);
  return 0;
});

/**
 * Thaws a frozen filesystem.
 *
 * @kernel fs/super.c thaw_super v6.1
 * @locks takes s_umount exclusively; the three freeze levels, held since the freeze, are released
 * @omits nothing that waits
 */
export const thaw_super = kernelFunction('thaw_super', function* (env: Machine, sb: SuperBlock) {
  yield down_write(sb.s_umount);
  yield tellLevels(sb, 'acquired');
  const { unfreeze_fs } = sb.fs.s_op;
  if (unfreeze_fs !== undefined) yield* unfreeze_fs(env, sb);
  yield sb_freeze_unlock(sb, 'sb_internal');
  yield sb_freeze_unlock(sb, 'sb_pagefaults');
  yield sb_freeze_unlock(sb, 'sb_writers');
  yield up_write(sb.s_umount);
  return 0;
});

/**
 * A task that freezes a filesystem and thaws it again.
 *
 * @kernel fs/ioctl.c ioctl_fsfreeze v6.1
 * @locks none on entry and exit
 * @omits the file descriptor
 */
export const freezeAndThaw = kernelFunction('ioctl_fsfreeze', function* (env: Machine, sb: SuperBlock) {
  yield* freeze_super(env, sb);
  yield* thaw_super(env, sb);
  return 0;
});
