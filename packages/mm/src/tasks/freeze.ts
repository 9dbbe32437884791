import { kernelFunction } from '@faultpath/engine';
import { sb_freeze_unlock, sb_wait_write } from '../locks/freeze.ts';
import { down_write, up_write } from '../locks/rwsem.ts';
import type { Machine, SuperBlock } from '../machine/types.ts';

/**
 * Freezes a filesystem level by level.
 *
 * @kernel fs/super.c freeze_super v6.1
 * @locks takes s_umount exclusively; returns with the three freeze levels held, s_umount released
 * @omits writing back what is dirty, and the filesystem's own freeze_fs
 */
export const freeze_super = kernelFunction('freeze_super', function* (_env: Machine, sb: SuperBlock) {
  yield down_write(sb.s_umount);
  yield sb_wait_write(sb, 'sb_writers');
  yield sb_wait_write(sb, 'sb_pagefaults');
  yield sb_wait_write(sb, 'sb_internal');
  yield up_write(sb.s_umount);
  return 0;
});

/**
 * Thaws a frozen filesystem.
 *
 * @kernel fs/super.c thaw_super v6.1
 * @locks takes s_umount exclusively; the three freeze levels, held since the freeze, are released
 * @omits the filesystem's own unfreeze_fs
 */
export const thaw_super = kernelFunction('thaw_super', function* (_env: Machine, sb: SuperBlock) {
  yield down_write(sb.s_umount);
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
