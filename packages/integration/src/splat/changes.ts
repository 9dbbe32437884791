import { kernelFunction } from '@faultpath/engine';
import type { SplatEdge } from '@faultpath/lockdep';
import {
  down_read,
  down_write,
  type Filesystem,
  kmem_cache_alloc,
  type Machine,
  type Rwsem,
  up_read,
  up_write,
  type Victim,
  type VmFault,
} from '@faultpath/mm';
import { xfsWith } from '@faultpath/xfs';

/** A change of a kernel that a report or its header shows, made to a model. */
export interface Change {
  readonly id: string;
  /** What is different, as a clause: `xfs v6.1, changed: …`. */
  readonly title: string;
  /** Whether a dependency that the release does not have comes from this change. */
  readonly makes: (edge: SplatEdge) => boolean;
  /** How the header of a silent run says it. */
  readonly says: RegExp;
  /** The changed adapter; undefined where there is nothing to change. */
  readonly change: (fs: Filesystem) => Filesystem | undefined;
  /** The allocation that is changed is the second attempt after one that must not sleep. */
  readonly allocationFailure?: boolean;
}

const into = (edge: SplatEdge, functions: RegExp): boolean =>
  edge.to === 'fs_reclaim' && edge.backtrace.some((frame) => functions.test(frame));

/** Evicts under the invalidate_lock of the dying inode, whatever the filesystem does then. */
const evictUnderInvalidateLock = kernelFunction('evict', function* (env: Machine, victim: Victim) {
  const { evictLock, evict_inode } = victim.i_private as Evicted;
  yield down_write(evictLock);
  yield up_write(evictLock);
  if (evict_inode !== undefined) yield* evict_inode(env, victim);
  return 0;
});

interface Evicted {
  readonly evictLock: Rwsem;
  readonly evict_inode: Filesystem['s_op']['evict_inode'];
}

/** Allocates with GFP_KERNEL under the ILOCK before it maps anything. */
const allocateUnderIlock = kernelFunction('xfs_direct_write_iomap_begin', function* (env: Machine, vmf: VmFault) {
  const { ILOCK } = vmf.inode.i_private as { readonly ILOCK: Rwsem };
  yield down_read(ILOCK);
  const mask = env.masks.of('GFP_KERNEL');
  yield* kmem_cache_alloc(env, { site: 'xfs_direct_write_iomap_begin', mask, charged: false });
  yield up_read(ILOCK);
  return wholeXfs.iomap_ops.iomap_begin(env, vmf);
});

/** With ILOCKs that can be waited for: an allocation inside one is no leaf. */
const wholeXfs = xfsWith({}, { wholeLog: true });

/** The changes that are known. Those that make another adapter come first: the others change what they are given. */
export const changes: readonly Change[] = [
  {
    id: 'alloc-under-ilock',
    title: 'xfs allocates with GFP_KERNEL under the ILOCK in iomap_begin',
    makes: (edge) => into(edge, /^xfs_\w*iomap_begin$/) && !edge.backtrace.some((frame) => /^_?xfs_trans_/.test(frame)),
    says: /GFP_KERNEL\) under XFS_ILOCK/,
    change: (fs) =>
      fs.name === 'xfs'
        ? { ...wholeXfs, iomap_ops: { ...wholeXfs.iomap_ops, iomap_begin: allocateUnderIlock } }
        : undefined,
  },
  {
    id: 'transaction-without-scope',
    title: 'an open transaction is no NOFS scope',
    makes: (edge) => into(edge, /^_?xfs_trans_/),
    says: /xfs_trans_alloc without the nofs scope/,
    change: (fs) => (fs.name === 'xfs' ? xfsWith({ transactionScope: false }) : undefined),
  },
  {
    id: 'alloc-in-grab',
    title: 'DAX allocates with GFP_KERNEL before it locks the entry, whatever the mapping declares',
    makes: (edge) => into(edge, /^grab_mapping_entry$/),
    says: /GFP_KERNEL\) in grab_mapping_entry/,
    change: (fs) => ({ ...fs, mappingGfp: null }),
    allocationFailure: true,
  },
  {
    id: 'evict-invalidate-lock',
    title: 'every eviction takes the invalidate_lock of the dying inode',
    makes: ({ from, to, backtrace }) =>
      from === 'fs_reclaim' && to.startsWith('mapping.invalidate_lock') && backtrace.includes('evict'),
    says: /evict[^;]* invalidate_lock/,
    change: (fs) => ({
      ...fs,
      s_op: { ...fs.s_op, evict_inode: evictUnderInvalidateLock },
      setupVictim: (builder, victim, sb) => {
        const lock = fs.invalidateLock(builder.era.name);
        const owner = { object: victim, referenced: false };
        const made: Evicted = {
          evictLock: builder.rwsem(lock, `${victim}.${lock}`, { writers: true, unshared: true, owner }),
          evict_inode: fs.s_op.evict_inode,
        };
        return { ...(fs.setupVictim?.(builder, victim, sb) as object | undefined), ...made };
      },
    }),
  },
  {
    id: 'handle-without-scope',
    title: 'an open handle is no NOFS scope',
    makes: ({ from, to }) => from === 'jbd2_handle' && to === 'fs_reclaim',
    says: /handle without nofs scope/,
    change: (fs) => (fs.name === 'ext4' ? { ...fs, decisions: { ...fs.decisions, handleScope: false } } : undefined),
  },
];
