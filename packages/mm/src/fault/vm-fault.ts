import { ModelError } from '../errors.ts';
import type { VmFault } from '../machine/types.ts';

/** `VM_FAULT_*` values that the modelled paths return (v6.1 numbers). */
export const VM_FAULT = Object.freeze({
  OOM: 0x1,
  SIGBUS: 0x2,
  MAJOR: 0x4,
  NOPAGE: 0x100,
  LOCKED: 0x200,
  RETRY: 0x400,
  FALLBACK: 0x800,
  DONE_COW: 0x1000,
  NEEDDSYNC: 0x2000,
  COMPLETED: 0x4000,
});

/** Any of these ends the fault with an error. */
export const VM_FAULT_ERROR = VM_FAULT.OOM | VM_FAULT.SIGBUS | VM_FAULT.FALLBACK;

/** The fault copies the page, and leaves the file as it is: a write to a private mapping. */
export const copiesPage = ({ write, shared }: VmFault): boolean => write && !shared;

/** The fault writes to the file. */
export const writesFile = ({ write, shared }: VmFault): boolean => write && shared;

/** The names of the bits of a return value, as an event gives them. */
export function vmFaultNames(value: number): readonly string[] {
  return Object.entries(VM_FAULT)
    .filter(([, bit]) => (value & bit) !== 0)
    .map(([name]) => `VM_FAULT_${name}`);
}

const KNOWN = Object.values(VM_FAULT).reduce((all, bit) => all | bit, 0);

/**
 * Gives back what a fault handler returned.
 *
 * @throws ModelError `MM_FAULT_CODE` for what is no combination of {@link VM_FAULT}
 */
export function faultCode(value: unknown, handler: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && (value & ~KNOWN) === 0) return value;
  throw new ModelError(
    'MM_FAULT_CODE',
    handler,
    `returned ${String(value)}, which is no combination of VM_FAULT_* codes`,
  );
}
