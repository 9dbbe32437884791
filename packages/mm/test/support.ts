import { kernelFunction, type Op } from '@faultpath/engine';
import {
  __vm_insert_mixed,
  defineFilesystem,
  type Filesystem,
  IOMAP,
  type Machine,
  type SuperBlock,
  type VmFault,
} from '../src/index.ts';

const fault = kernelFunction('tiny_fault', function* (env: Machine, vmf: VmFault): Generator<Op, number, number> {
  const ret = yield* __vm_insert_mixed(env, vmf);
  return ret;
});

const begin = kernelFunction('tiny_iomap_begin', function* (_env: Machine, _vmf: VmFault) {
  return IOMAP.HOLE;
});

const dirty = kernelFunction('tiny_dirty_inode', function* (_env: Machine, _sb: SuperBlock) {
  return 0;
});

/** A filesystem whose fault takes no lock and maps the page. */
export const tiny: Filesystem = defineFilesystem({
  name: 'tiny',
  interfaceVersion: 1,
  locks: { invalidate_lock: { kind: 'rwsem', scope: 'inode' } },
  lockOrder: [['invalidate_lock']],
  mappingGfp: { without: '__GFP_FS', at: 'tiny_setup_inode', because: 'the test wants a mask of its own' },
  supports: { eras: ['v4.9', 'v6.1'], dax: true, transactions: false, sync_faults: false },
  vm_ops: { fault },
  iomap_ops: { iomap_begin: begin },
  s_op: { dirty_inode: dirty },
  f_op: {},
  reclaim: {
    kinds: {
      linked: { via: 'prune_icache_sb', frequency: 'common', eras: ['v4.9', 'v6.1'], because: 'it is only forgotten' },
      lazytime: { via: 'prune_dcache_sb', frequency: 'option', eras: ['v6.1'], because: 'it is marked dirty' },
    },
  },
  invalidateLock: () => 'invalidate_lock',
  mount: () => null,
  setupInode: () => null,
  threads: [],
});
