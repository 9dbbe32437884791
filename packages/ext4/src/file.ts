import { dax_fault, dax_finish_sync_fault, dax_iomap_fault } from '@faultpath/dax';
import { kernelFunction } from '@faultpath/engine';
import {
  clearVmfFs,
  down_read,
  file_update_time,
  type Machine,
  restoreVmfMask,
  sb_end_pagefault,
  sb_start_pagefault,
  up_read,
  VM_FAULT,
  type VmFault,
} from '@faultpath/mm';
import { __ext4_journal_start_sb, __ext4_journal_stop } from './journal.ts';

/**
 * A fault on a DAX file, of any size. A write opens its handle before DAX locks the entry: other paths of ext4 lock
 * entries inside a handle. A read opens none, and so has no scope.
 *
 * @kernel fs/ext4/file.c ext4_dax_huge_fault v6.1
 * @locks mmap_lock shared on entry. Read: invalidate_lock shared. Write: sb_pagefaults shared, the time's own handle,
 * invalidate_lock shared, the handle. All released on return
 * @omits retries after ENOSPC; huge sizes; a handle that cannot be opened
 */
export const ext4_dax_huge_fault = kernelFunction('ext4_dax_huge_fault', function* (env: Machine, vmf: VmFault) {
  const { i_sb, i_mapping } = vmf.inode;
  const write = vmf.write && (vmf.shared || !env.era.ext4WriteNeedsShared.is);
  const handle = write && env.era.ext4HandleAroundDax.is;
  if (write) {
    yield sb_start_pagefault(i_sb);
    yield* file_update_time(env, vmf.inode);
  }
  yield down_read(i_mapping.invalidate_lock);
  if (handle) yield* __ext4_journal_start_sb(env, i_sb);
  const saved = yield* clearVmfFs(env, 'ext4_dax_huge_fault');
  const first = env.era.daxBlocks.is === 'get_block' ? yield* dax_fault(env, vmf) : yield* dax_iomap_fault(env, vmf);
  yield* restoreVmfMask(env, saved, 'ext4_dax_huge_fault');
  if (handle) yield* __ext4_journal_stop(env, i_sb);
  const ret = first === VM_FAULT.NEEDDSYNC ? yield* dax_finish_sync_fault(env, vmf) : first;
  yield up_read(i_mapping.invalidate_lock);
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
