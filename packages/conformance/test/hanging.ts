import { kernelFunction } from '@faultpath/engine';
import type { Filesystem, Machine, VmFault } from '@faultpath/mm';
import { tiny } from './tinyfs.ts';

/** Never comes back, and never yields: nothing in its own thread can end it. */
export const hanging: Filesystem = {
  ...tiny,
  name: 'hanging',
  vm_ops: {
    fault: kernelFunction('hanging_fault', function* (_env: Machine, vmf: VmFault) {
      while (vmf.slot.index >= 0);
      return 0;
    }),
  },
};
