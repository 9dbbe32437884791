import { kernelFunction } from '@faultpath/engine';
import type { Filesystem, Machine, VmFault } from '@faultpath/mm';
import { VM_FAULT } from '@faultpath/mm';
import type { Twin } from '../case.ts';
import { neverReleases, releasesTwice } from './mutations.ts';

/** Twins that any adapter's DAX fault has: the lock against truncate, the fault's return code, and reclaim said twice. */
export const anyTwins: readonly Twin[] = [
  {
    id: 'keeps-invalidate-lock',
    title: 'the fault does not give the lock against truncate back',
    mutate: ({ fs, era }) => neverReleases(fs, fs.invalidateLock(era)),
    caughtBy: 'lock/leak',
    because: 'nothing taken in a fault outlives it',
  },
  {
    id: 'releases-twice',
    title: 'the fault gives the lock against truncate back twice',
    mutate: ({ fs, era }) => releasesTwice(fs, fs.invalidateLock(era)),
    caughtBy: 'engine/model-error',
    because: 'a task gives back only what it holds',
  },
  {
    id: 'two-codes',
    title: 'the fault says both that the page is there and that there is none',
    mutate: ({ fs }) => {
      const { fault, huge_fault } = fs.vm_ops;
      const huge = huge_fault === undefined ? {} : { huge_fault: alsoSigbus(huge_fault) };
      return { ...fs, vm_ops: { ...fs.vm_ops, fault: alsoSigbus(fault), ...huge } };
    },
    caughtBy: 'fault/contract',
    because: 'NOPAGE and SIGBUS exclude each other',
  },
  {
    id: 'reclaim-said-twice',
    title: 'every kind of unused inode is listed twice',
    mutate: ({ fs }) => fs,
    scenario: (scenario) => ({ ...scenario, victims: [...(scenario.victims ?? []), ...(scenario.victims ?? [])] }),
    caughtBy: null,
    because: 'there are as many of a kind as reclaim wants, already',
  },
];

function alsoSigbus(fault: Filesystem['vm_ops']['fault']): Filesystem['vm_ops']['fault'] {
  return kernelFunction(fault.functionName, function* (env: Machine, vmf: VmFault) {
    const ret = yield* fault(env, vmf);
    return ret | VM_FAULT.NOPAGE | VM_FAULT.SIGBUS;
  });
}
