import { choose, kernelFunction, note, registerConstant } from '@faultpath/engine';
import { type LockIdentity, type ModelEvent, toldLock } from '../events.ts';
import { down_read, up_read } from '../locks/rwsem.ts';
import type { FaultAgain, FaultAttempt, FaultWalk, Machine, VmFault } from '../machine/types.ts';
import { handle_mm_fault } from './handle-mm-fault.ts';
import { VM_FAULT, vmFaultNames } from './vm-fault.ts';

/** Beside the kernel's bits of what a fault returned: the page table has its lowest level. Nobody but the next attempt looks. */
export const TABLE_PRESENT = 0x100000;

type Table = 'missing' | 'present';
type Page = Omit<VmFault, 'size' | 'fallback' | 'walk' | 'attempt'>;

/** The fault in every shape that its way through the page table may give it, in every attempt at it. */
export function walkOf(page: Page, vmaLocks: boolean): FaultWalk {
  const made = (attempt: FaultAttempt | undefined, table?: Table): FaultWalk => {
    const base = attempt === undefined ? page : { ...page, attempt };
    return registerConstant<FaultWalk>({
      pud: { ...base, size: 'pud' },
      pmd: { ...base, size: 'pmd' },
      missing: { ...base, size: 'pte', pmd_none: true, readOnly: false },
      present: { ...base, size: 'pte', pmd_none: false },
      ...(table === undefined ? {} : { table }),
    });
  };
  const fault = (attempt: FaultAttempt | undefined, table?: Table): VmFault =>
    registerConstant<VmFault>({
      ...page,
      size: 'pte',
      ...(attempt === undefined ? {} : { attempt }),
      walk: made(attempt, table),
    });
  const both = (attempt?: FaultAttempt): Readonly<Record<Table, VmFault>> => ({
    missing: fault(attempt, 'missing'),
    present: fault(attempt, 'present'),
  });
  const again: FaultAgain = {
    first: both(),
    tried: both('tried'),
    ...(vmaLocks ? { vma: fault('vma') } : {}),
  };
  return registerConstant<FaultWalk>({ ...made(undefined), again });
}

/** The lock of the memory area itself. It leaves no event: only the fault's flags tell of it. */
const vmaLock = ({ inode }: VmFault): LockIdentity => ({
  lock: 'vma_lock',
  instance: `${inode.name}.vma_lock`,
  kind: 'rwsem',
});

/**
 * Lets the lock go that keeps the mapping, where the fault has to wait for the disk and may still be made again.
 *
 * @kernel mm/internal.h maybe_unlock_mmap_for_io v6.1
 * @locks mmap_lock shared, or the lock of the VMA, on entry; released where the result is 1
 * @omits faults that must not wait
 */
export const maybe_unlock_mmap_for_io = kernelFunction(
  'maybe_unlock_mmap_for_io',
  function* (_env: Machine, vmf: VmFault) {
    if (vmf.attempt === 'tried') return 0;
    yield vmf.attempt === 'vma' ? toldLock(vmaLock(vmf), 'release', 'shared') : up_read(vmf.mmap_lock);
    return 1;
  },
);

/**
 * Under the lock of the VMA alone only a filesystem that can be called so is called.
 *
 * @kernel mm/memory.c vmf_can_call_fault v6.12
 * @locks the lock of the VMA, released where the result is not 0
 * @omits nothing
 */
export const vmf_can_call_fault = kernelFunction('vmf_can_call_fault', function* (_env: Machine, vmf: VmFault) {
  if (vmf.attempt !== 'vma' || vmf.inode.i_sb.fs.vm_ops.map_pages !== undefined) return 0;
  yield toldLock(vmaLock(vmf), 'release', 'shared');
  return VM_FAULT.RETRY;
});

/** What an attempt has found of the page table. */
const tableOf = (ret: number, { readOnly }: VmFault): Table =>
  readOnly || (ret & TABLE_PRESENT) !== 0 ? 'present' : 'missing';

/**
 * The fault's entry from user space with every attempt at it, for comparison with recordings: first under the lock of the
 * VMA alone, where the era has that, then under mmap_lock, and once more where that was let go.
 *
 * @kernel arch/x86/mm/fault.c do_user_addr_fault v6.1
 * @locks takes and releases mmap_lock shared; nothing is held on entry and exit
 * @omits bad addresses, signals; that a write may end with mmap_lock let go
 */
export const do_user_addr_fault_with_attempts = kernelFunction(
  'do_user_addr_fault',
  function* (env: Machine, vmf: VmFault, again: FaultAgain) {
    const enter: ModelEvent = { type: 'fault', action: 'enter', access: vmf.write ? 'write' : 'read' };
    yield note('page fault', enter);
    let attempt = vmf;
    let ret: number = VM_FAULT.RETRY;
    if (again.vma !== undefined && (yield choose(2, 'the VMA is locked alone')) === 1) {
      yield toldLock(vmaLock(vmf), 'acquired', 'shared');
      ret = yield* handle_mm_fault(env, again.vma);
      if ((ret & VM_FAULT.RETRY) === 0) yield toldLock(vmaLock(vmf), 'release', 'shared');
      attempt = ((ret & VM_FAULT.MAJOR) === 0 ? again.first : again.tried)[tableOf(ret, vmf)];
    }
    if ((ret & VM_FAULT.RETRY) !== 0) {
      yield down_read(vmf.mmap_lock);
      ret = yield* handle_mm_fault(env, attempt);
      if ((ret & VM_FAULT.RETRY) !== 0) {
        yield down_read(vmf.mmap_lock);
        ret = yield* handle_mm_fault(env, again.tried[tableOf(ret, vmf)]);
      }
      yield up_read(vmf.mmap_lock);
    }
    const shown = ret & ~TABLE_PRESENT;
    yield note('page fault done', { ...enter, action: 'exit', ret: vmFaultNames(shown) });
    return shown;
  },
);
