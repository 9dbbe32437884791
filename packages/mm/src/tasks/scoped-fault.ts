import { kernelFunction } from '@faultpath/engine';
import { do_user_addr_fault } from '../fault/handle-mm-fault.ts';
import {
  memalloc_nofs_restore,
  memalloc_nofs_save,
  memalloc_noio_restore,
  memalloc_noio_save,
} from '../locks/memalloc.ts';
import type { Machine, VmFault } from '../machine/types.ts';

/**
 * A fault inside a scope that the task opened before: no kernel does this, it is the cure to be tried.
 *
 * @kernel include/linux/sched/mm.h memalloc_nofs_save v6.1
 * @locks none on entry and exit
 * @omits nothing
 */
export const scopedFault = kernelFunction(
  'scopedFault',
  function* (env: Machine, vmf: VmFault, scope: 'nofs' | 'noio') {
    const saved = yield scope === 'nofs'
      ? memalloc_nofs_save(env, 'scopedFault')
      : memalloc_noio_save(env, 'scopedFault');
    const ret = yield* do_user_addr_fault(env, vmf);
    yield scope === 'nofs'
      ? memalloc_nofs_restore(env, saved, 'scopedFault')
      : memalloc_noio_restore(env, saved, 'scopedFault');
    return ret;
  },
);
