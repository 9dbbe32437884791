export { __alloc_pages, atomicAllocation, kmem_cache_alloc, type Request } from './alloc/allocate.ts';
export { createMasks, type MaskScopes, type Masks } from './alloc/masks.ts';
export { __get_locked_pte, __pte_alloc, pte_alloc_one } from './alloc/page-tables.ts';
export type { LoopOptions } from './block/create-loop.ts';
export { submit_bio_wait } from './block/loop.ts';
export { allocateBlock, freeBlocks } from './blocks.ts';
export { buildFaultModel, type FaultCase, type MountSpec } from './build-fault-model.ts';
export { type CoreChange, coreChanges } from './changes.ts';
export { coreContracts } from './contracts.ts';
export { copyMark, type PackageCopy, thisCopy } from './copy.ts';
export { type CoreLock, coreLocks } from './core-locks.ts';
export { type Era, type EraFact, type EraName, eraNames, eras } from './era.ts';
export { ModelError, type ModelErrorCode } from './errors.ts';
export { changes, type LockIdentity, lockEvent, type ModelEvent, toldLock } from './events.ts';
export { buildPmdMask, clearVmfFs, restoreVmfMask, vmf_gfp_mask } from './fault/gfp-mask.ts';
export { do_user_addr_fault, handle_mm_fault } from './fault/handle-mm-fault.ts';
export { __vm_insert_mixed } from './fault/insert.ts';
export { copiesPage, VM_FAULT, VM_FAULT_ERROR, vmFaultNames, writesFile } from './fault/vm-fault.ts';
export { createFaultModels, type FaultModels, type PolicyModel } from './fault-models.ts';
export {
  type AddressSpaceOperations,
  defineFilesystem,
  type EvictKind,
  type FileOperations,
  type Filesystem,
  type FilesystemContract,
  type FilesystemDefinition,
  FilesystemError,
  type FilesystemErrorCode,
  type FilesystemThread,
  type InodeKind,
  type InodeOperations,
  IOMAP,
  type IomapOperations,
  inodeKinds,
  type LockDeclaration,
  type MappingGfp,
  type MappingGfpRule,
  type SuperOperations,
} from './filesystem.ts';
export {
  type FreezeLevel,
  freezeLevels,
  sb_end_intwrite,
  sb_end_pagefault,
  sb_end_write,
  sb_start_intwrite,
  sb_start_pagefault,
  sb_start_write,
} from './locks/freeze.ts';
export {
  memalloc_nofs_restore,
  memalloc_nofs_save,
  memalloc_noio_restore,
  memalloc_noio_save,
  memalloc_noreclaim_restore,
  memalloc_noreclaim_save,
} from './locks/memalloc.ts';
export { lock_page, pageIdentity, unlock_page } from './locks/page-lock.ts';
export {
  createRwsem,
  down_read,
  down_read_load,
  down_read_trylock,
  down_write,
  downgrade_write,
  type Rwsem,
  up_read,
  up_write,
  up_write_store,
} from './locks/rwsem.ts';
export type { Builder, RwsemOptions } from './machine/builder.ts';
export { createMachine, type MachineOptions, type MachineParts, type Mount } from './machine/create-machine.ts';
export { ownLock } from './machine/own-locks.ts';
export {
  type AddressSpace,
  type Bounds,
  type Current,
  type Detail,
  ENTRY_ABSENT,
  ENTRY_LOCKED,
  ENTRY_PRESENT,
  HOLE_PAGE,
  HOLE_PAGE_LOCKED,
  type Inode,
  type LoopDevice,
  type Machine,
  type MountOptions,
  type PageSlot,
  type Pfmemalloc,
  PMD_BLOCK,
  PMD_HOLE,
  PMD_LOCKED,
  type ReclaimPath,
  type SuperBlock,
  type Victim,
  type VictimState,
  type VmFault,
} from './machine/types.ts';
export { block_page_mkwrite } from './page-cache/block-page-mkwrite.ts';
export { filemap_fault, filemap_map_pages } from './page-cache/filemap-fault.ts';
export { finish_fault } from './page-cache/finish-fault.ts';
export { __getblk_slow } from './page-cache/getblk.ts';
export { truncate_pagecache, truncate_setsize } from './page-cache/truncate.ts';
export { withoutIomap } from './page-cache/without-iomap.ts';
export { isCounterfactual, type Policy, type PolicyName, policies, policyNames } from './policy.ts';
export { __mark_inode_dirty, evict, file_update_time, iput, write_inode_now } from './reclaim/inode.ts';
export {
  type CreateTaskSpec,
  changesBlocks,
  createsEntries,
  type FaultTaskSpec,
  type FileTaskSpec,
  inodeName,
  type Task,
  type TaskSpec,
  truncates,
  type VictimSpec,
} from './tasks/spec.ts';
export { coreValidation } from './validation.ts';
