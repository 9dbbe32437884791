import { dax_fault, dax_finish_sync_fault, dax_iomap_fault } from '@faultpath/dax';
import { kernelFunction } from '@faultpath/engine';
import {
  clearVmfFs,
  down_read,
  file_update_time,
  type Machine,
  memalloc_nofs_restore,
  memalloc_nofs_save,
  restoreVmfMask,
  sb_end_pagefault,
  sb_start_pagefault,
  up_read,
  VM_FAULT,
  type VmFault,
} from '@faultpath/mm';
import { decides } from './decisions.ts';
import { __ext4_journal_start_sb, __ext4_journal_stop } from './journal.ts';

/**
 * The second half of a MAP_SYNC fault, in a scope where that cure is tried.
 *
 * @kernel fs/ext4/file.c ext4_dax_huge_fault v6.1
 * @locks sb_pagefaults and invalidate_lock shared; the handle is closed
 * @omits nothing
 */
const finishSync = kernelFunction('finishSync', function* (env: Machine, vmf: VmFault) {
  const scope = decides(vmf.inode.i_sb, 'syncFaultScope');
  if (!scope) return dax_finish_sync_fault(env, vmf);
  const saved = yield memalloc_nofs_save(env, 'ext4_dax_huge_fault');
  const ret = yield* dax_finish_sync_fault(env, vmf);
  yield memalloc_nofs_restore(env, saved, 'ext4_dax_huge_fault');
  return ret;
});

/**
 * A fault on a DAX file, of any size. A write opens its handle before DAX locks the entry: other paths of ext4 lock
 * entries inside a handle. A read opens none, and so has no scope.
 *
 * @kernel fs/ext4/file.c ext4_dax_huge_fault v6.1
 * @locks mmap_lock shared on entry. Read: invalidate_lock shared. Write: sb_pagefaults shared, the time's own handle,
 * invalidate_lock shared, the handle. All released on return
 * @omits retries after ENOSPC; a handle that cannot be opened
 */
export const ext4_dax_huge_fault = kernelFunction('ext4_dax_huge_fault', function* (env: Machine, vmf: VmFault) {
  const { i_sb, i_mapping } = vmf.inode;
  const write = vmf.write && (vmf.shared || !env.era.ext4WriteNeedsShared.is);
  const handle = write && env.era.ext4HandleAroundDax.is && decides(i_sb, 'handleAroundDax');
  const lock = decides(i_sb, 'faultTakesInvalidateLock');
  if (write) {
    yield sb_start_pagefault(i_sb);
    yield* file_update_time(env, vmf.inode);
  }
  if (lock) yield down_read(i_mapping.invalidate_lock);
  if (handle) yield* __ext4_journal_start_sb(env, i_sb);
  const scope = !write && decides(i_sb, 'readFaultScope');
  const saved = scope ? yield memalloc_nofs_save(env, 'ext4_dax_huge_fault') : 0;
  const mask = yield* clearVmfFs(env, 'ext4_dax_huge_fault');
  const first = env.era.daxBlocks.is === 'get_block' ? yield* dax_fault(env, vmf) : yield* dax_iomap_fault(env, vmf);
  yield* restoreVmfMask(env, mask, 'ext4_dax_huge_fault');
  if (scope) yield memalloc_nofs_restore(env, saved, 'ext4_dax_huge_fault');
  if (handle) yield* __ext4_journal_stop(env, i_sb);
  const ret = first === VM_FAULT.NEEDDSYNC ? yield* finishSync(env, vmf) : first;
  if (lock) yield up_read(i_mapping.invalidate_lock);
  if (write) yield sb_end_pagefault(i_sb);
  return ret;
});

/**
 * A fault on one page of a DAX file.
 *
 * @kernel fs/ext4/file.c ext4_dax_fault v6.1
 * @locks as ext4_dax_huge_fault
 * @omits nothing
 */
export const ext4_dax_fault = kernelFunction('ext4_dax_fault', function* (env: Machine, vmf: VmFault) {
  return ext4_dax_huge_fault(env, vmf);
});
