import type { FaultEvent, FaultpathEvent, MaskFact, Where } from '@faultpath/lockdep';

/** Direct reclaim inside a fault. */
export interface TraceReclaim {
  readonly via: 'direct' | 'memcg';
  readonly effective: MaskFact;
  readonly where: Where;
  /** Classes of the locks that were taken inside it. */
  readonly took: readonly string[];
  /** The allocation that entered it: the first one after it with the same mask. Absent when none followed. */
  readonly enteredBy?: { readonly site: string; readonly where: Where };
}

/** One page fault as the recording shows it. */
export interface TraceFault {
  readonly task: string;
  /** Filesystem whose events stand in the fault; absent when no vocabulary knows any. */
  readonly fs?: string;
  /** Words for what was done, for example `dax read hole pte`; only what the recording tells. */
  readonly kind: string;
  readonly access: FaultEvent['access'];
  readonly address?: string;
  readonly inode?: string;
  /** `VM_FAULT_*` names without the prefix, empty for 0; absent when the recording has no return value. */
  readonly ret?: readonly string[];
  readonly where: Where;
  readonly events: readonly FaultpathEvent[];
  readonly reclaims: readonly TraceReclaim[];
  /** Events of the fault beyond the first few thousand are counted only. */
  readonly dropped: number;
  /** The recording ends, or lost events, before the fault does. */
  readonly complete: boolean;
  /** It was taken inside the kernel and its return was not recorded: what its task did next may stand at its end. */
  readonly openEnded?: boolean;
  /** The first place inside it where the recording contradicts itself, such as a lock that is dropped without having been taken. */
  readonly contradiction?: Where;
}

const VM_FAULT: readonly (readonly [bit: number, name: string])[] = [
  [0x1, 'OOM'],
  [0x2, 'SIGBUS'],
  [0x4, 'MAJOR'],
  // Gone since 6.6; the bit was not given to anything else.
  [0x8, 'WRITE'],
  [0x10, 'HWPOISON'],
  [0x20, 'HWPOISON_LARGE'],
  [0x40, 'SIGSEGV'],
  [0x100, 'NOPAGE'],
  [0x200, 'LOCKED'],
  [0x400, 'RETRY'],
  [0x800, 'FALLBACK'],
  [0x1000, 'DONE_COW'],
  [0x2000, 'NEEDDSYNC'],
  [0x4000, 'COMPLETED'],
];

const KNOWN = VM_FAULT.reduce((sum, [bit]) => sum | bit, 0);
const NONE: readonly string[] = [];

/** Faults return one of a dozen values; a damaged recording may have more. */
const MAX_KNOWN = 256;
const known = /* @__PURE__ */ new Map<number, readonly string[]>();

/** Names of a `vm_fault_t`; bits without a name are kept as hex. Values are the same from 5.10 to 7.2. */
export function vmFaultNames(ret: number): readonly string[] {
  if (ret === 0) return NONE;
  const names = known.get(ret) ?? namesOf(ret);
  if (known.size < MAX_KNOWN) known.set(ret, names);
  return names;
}

function namesOf(ret: number): readonly string[] {
  const names = VM_FAULT.filter(([bit]) => (ret & bit) !== 0).map(([, name]) => name);
  const rest = (ret & ~KNOWN) >>> 0;
  return rest === 0 ? names : [...names, `0x${rest.toString(16)}`];
}
