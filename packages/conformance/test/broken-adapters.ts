import { dax_iomap_fault } from '@faultpath/dax';
import { choose, kernelFunction, type Op } from '@faultpath/engine';
import {
  down_read,
  type Filesystem,
  type Machine,
  memalloc_nofs_restore,
  memalloc_nofs_save,
  sb_end_pagefault,
  sb_start_pagefault,
  up_read,
  type Victim,
  VM_FAULT,
  type VmFault,
} from '@faultpath/mm';
import { dropMap, takeMap, tiny } from './tinyfs.ts';

type Fault = Filesystem['vm_ops']['fault'];
type Body = (env: Machine, vmf: VmFault) => Generator<Op, unknown, number>;

function faulting(name: string, body: Body, rest: Partial<Filesystem> = {}): Filesystem {
  return { ...tiny, ...rest, vm_ops: { fault: kernelFunction(name, body) as Fault } };
}

/** Adapters that run, and do something wrong: each with the rule that must say so. */
export const misbehaving: Readonly<Record<string, { readonly fs: Filesystem; readonly rule: string }>> = {
  'holds what reclaim needs': {
    rule: 'engine/deadlock',
    fs: faulting('tiny_fault_in_map_lock', function* (env, vmf) {
      yield takeMap(vmf.inode.i_sb);
      const ret = yield* dax_iomap_fault(env, { ...vmf, write: false });
      yield dropMap(vmf.inode.i_sb);
      return ret;
    }),
  },
  'allocates under what reclaim needs': {
    rule: 'gfp/fs-recursion',
    fs: faulting('tiny_fault_in_map_lock', function* (env, vmf) {
      yield takeMap(vmf.inode.i_sb);
      const ret = yield* dax_iomap_fault(env, { ...vmf, write: false });
      yield dropMap(vmf.inode.i_sb);
      return ret;
    }),
  },
  'takes two locks in both orders': {
    rule: 'lockdep/circular',
    fs: faulting('tiny_fault_both_orders', function* (_env, vmf) {
      const { i_sb } = vmf.inode;
      if (vmf.write) {
        yield takeMap(i_sb);
        yield down_read(vmf.inode.i_mapping.invalidate_lock);
        yield up_read(vmf.inode.i_mapping.invalidate_lock);
        yield dropMap(i_sb);
      } else {
        yield down_read(vmf.inode.i_mapping.invalidate_lock);
        yield takeMap(i_sb);
        yield dropMap(i_sb);
        yield up_read(vmf.inode.i_mapping.invalidate_lock);
      }
      return VM_FAULT.NOPAGE;
    }),
  },
  'takes locks against its own declaration': {
    rule: 'lock/order',
    fs: faulting('tiny_fault_inside_out', function* (_env, vmf) {
      yield takeMap(vmf.inode.i_sb);
      yield down_read(vmf.inode.i_mapping.invalidate_lock);
      yield up_read(vmf.inode.i_mapping.invalidate_lock);
      yield dropMap(vmf.inode.i_sb);
      return VM_FAULT.NOPAGE;
    }),
  },
  'leaves a lock behind': {
    rule: 'lock/leak',
    fs: faulting('tiny_fault_leaks', function* (env, vmf) {
      yield down_read(vmf.inode.i_mapping.invalidate_lock);
      const ret = yield* dax_iomap_fault(env, vmf);
      return ret;
    }),
  },
  'leaves a scope open': {
    rule: 'lock/leak',
    fs: faulting('tiny_fault_in_scope', function* (env, vmf) {
      yield memalloc_nofs_save(env, 'tiny_fault_in_scope');
      const ret = yield* dax_iomap_fault(env, vmf);
      return ret;
    }),
  },
  'closes a scope that nobody opened': {
    rule: 'scope/balance',
    fs: faulting('tiny_fault_restores', function* (env, vmf) {
      const ret = yield* dax_iomap_fault(env, vmf);
      yield memalloc_nofs_restore(env, 0, 'tiny_fault_restores');
      return ret;
    }),
  },
  'opens a scope in reclaim and leaves it': {
    rule: 'scope/balance',
    fs: {
      ...tiny,
      s_op: {
        evict_inode: kernelFunction('tiny_evict_in_scope', function* (env: Machine, _victim: Victim) {
          yield memalloc_nofs_save(env, 'tiny_evict_in_scope');
          return 0;
        }),
      },
    },
  },
  'returns codes that exclude each other': {
    rule: 'fault/contract',
    fs: faulting('tiny_fault_two_codes', function* () {
      yield choose(1, 'nothing');
      return VM_FAULT.NOPAGE | VM_FAULT.SIGBUS;
    }),
  },
  'returns what is no code': {
    rule: 'engine/model-error',
    fs: faulting('tiny_fault_no_code', function* () {
      yield choose(2, 'which way');
      return 0x80000;
    }),
  },
  'returns nothing': {
    rule: 'engine/model-error',
    fs: faulting('tiny_fault_nothing', function* () {
      yield choose(2, 'which way');
    }),
  },
  'releases twice': {
    rule: 'engine/model-error',
    fs: faulting('tiny_fault_twice', function* (_env, vmf) {
      yield takeMap(vmf.inode.i_sb);
      yield dropMap(vmf.inode.i_sb);
      yield dropMap(vmf.inode.i_sb);
      return VM_FAULT.NOPAGE;
    }),
  },
  'throws in the middle': {
    rule: 'engine/model-error',
    fs: faulting('tiny_fault_throws', function* () {
      if ((yield choose(2, 'which way')) === 1) throw new Error('boom');
      return VM_FAULT.NOPAGE;
    }),
  },
  'keeps freeze protection': {
    rule: 'engine/deadlock',
    fs: faulting('tiny_fault_frozen', function* (_env, vmf) {
      yield sb_start_pagefault(vmf.inode.i_sb);
      yield sb_start_pagefault(vmf.inode.i_sb);
      yield sb_end_pagefault(vmf.inode.i_sb);
      yield sb_end_pagefault(vmf.inode.i_sb);
      return VM_FAULT.NOPAGE;
    }),
  },
};

let calls = 0;
const spin = kernelFunction('tiny_spin', function* (_env: Machine, times: number): Generator<Op, number, number> {
  yield choose(2, 'again');
  yield* spin(_env, times + 1);
  return 0;
});

/** Adapters that cannot be explored: each with the code that must say why. */
export const unexplorable: Readonly<Record<string, { readonly fs: unknown; readonly code: string }>> = {
  'no mapping policy': { code: 'FS_FIELD_MISSING', fs: { ...tiny, mappingGfp: undefined } },
  'a lock misspelt in lockOrder': {
    code: 'FS_LOCK_UNKNOWN',
    fs: { ...tiny, lockOrder: [['mmap_lock', 'sb_pagefaults', 'invalidate_lock', 'dax_entry', 'maplock']] },
  },
  'a lock in no chain': { code: 'FS_LOCK_UNORDERED', fs: { ...tiny, lockOrder: [['mmap_lock']] } },
  'chains that go round': {
    code: 'FS_LOCK_CYCLE',
    fs: { ...tiny, lockOrder: [...tiny.lockOrder, ['map_lock', 'mmap_lock']] },
  },
  'an era that there is not': {
    code: 'FS_ERA_UNKNOWN',
    fs: { ...tiny, supports: { ...tiny.supports, eras: ['v3.0'] } },
  },
  'another major of the interface': { code: 'FS_INTERFACE_VERSION', fs: { ...tiny, interfaceVersion: 2 } },
  'no name of a filesystem': { code: 'FS_NAME', fs: { ...tiny, name: 'Tiny FS' } },
  'a handler whose name is misspelt': {
    code: 'FS_FIELD_UNKNOWN',
    fs: { ...tiny, s_op: { evict_inodes: tiny.s_op.evict_inode } },
  },
  'no handlers': { code: 'FS_FIELD_MISSING', fs: { ...tiny, vm_ops: undefined } },
  'a handler that is a bare generator': { code: 'FS_FIELD_TYPE', fs: { ...tiny, vm_ops: { fault: function* () {} } } },
  'reclaim without kinds': { code: 'FS_FIELD_TYPE', fs: { ...tiny, reclaim: {} } },
  'null for its locks': { code: 'FS_FIELD_TYPE', fs: { ...tiny, locks: null } },
  'null for what it supports': { code: 'FS_FIELD_TYPE', fs: { ...tiny, supports: null } },
  'null for its handlers': { code: 'FS_FIELD_TYPE', fs: { ...tiny, vm_ops: null } },
  'null for a table that it need not have': { code: 'FS_FIELD_TYPE', fs: { ...tiny, i_op: null } },
  'null for a kind of inode': { code: 'FS_FIELD_TYPE', fs: { ...tiny, reclaim: { kinds: { linked: null } } } },
  'null for a contract': { code: 'FS_FIELD_TYPE', fs: { ...tiny, contracts: [null] } },
  'a decision that is none': { code: 'FS_FIELD_TYPE', fs: { ...tiny, decisions: { first: 'maybe' } } },
  'what defineFilesystem fills in': { code: 'FS_FIELD_MISSING', fs: { ...tiny, setupInode: undefined } },
  'a getter that throws': {
    code: 'CONFORMANCE_ADAPTER_FAILED',
    fs: Object.defineProperty({ ...tiny }, 'locks', {
      get: () => {
        throw new Error('no locks today');
      },
    }),
  },
  'a mount that throws': {
    code: 'CONFORMANCE_ADAPTER_FAILED',
    fs: {
      ...tiny,
      mount: () => {
        throw new Error('no disk');
      },
    },
  },
  'calls itself for ever': {
    code: 'ENGINE_RECURSION',
    fs: faulting('tiny_fault_spins', function* (env) {
      yield* spin(env, 0);
      return VM_FAULT.NOPAGE;
    }),
  },
  'a loop without an end': {
    code: 'ENGINE_UNBOUNDED',
    fs: faulting('tiny_fault_loops', function* () {
      while ((yield choose(2, 'again')) < 2);
      return VM_FAULT.NOPAGE;
    }),
  },
  'an impure handler': {
    code: 'ENGINE_IMPURE',
    fs: faulting('tiny_fault_impure', function* (_env, vmf) {
      yield choose(2, `step ${calls++}`);
      yield choose(2, 'more');
      yield down_read(vmf.inode.i_mapping.invalidate_lock);
      yield up_read(vmf.inode.i_mapping.invalidate_lock);
      return VM_FAULT.NOPAGE;
    }),
  },
  'a handler that changes its arguments': {
    code: 'ENGINE_IMPURE',
    fs: faulting('tiny_fault_mutates', function* (_env, vmf) {
      (vmf as { write: boolean }).write = true;
      yield choose(2, 'which way');
      return VM_FAULT.NOPAGE;
    }),
  },
  'a step that is none': {
    code: 'ENGINE_BAD_YIELD',
    fs: faulting('tiny_fault_yields_a_number', function* () {
      yield 5 as unknown as Op;
      return VM_FAULT.NOPAGE;
    }),
  },
};
