import type { Cell, LocalCell, SyncObject } from '@faultpath/engine';
import { type Builder, type Inode, inodeName, type LockIdentity, type Rwsem, type SuperBlock } from '@faultpath/mm';

/**
 * Transactions for which the log has room. Two: as small as lets two transactions be open at once, so that waiting for
 * space is met in every case.
 */
export const LOG_UNITS = 2;

/**
 * The log's space. A reservation takes some; when the transaction commits, its items pin as much until the AIL is
 * pushed that far.
 */
export interface Log {
  readonly name: string;
  readonly space: SyncObject;
  /**
   * Absent beside a freeze, which has states enough: inside a reservation nothing is waited for, so that every
   * transaction can be moved to the one step in which it commits.
   */
  readonly free?: Cell;
  /**
   * Space pinned by items whose locks nobody can hold for long. Absent where the AIL is not modelled step by step; on a loop
   * device it always is, because writing back waits for the device.
   */
  readonly ail?: Cell;
}

/** The background inactivation of a mount. */
export interface Inodegc {
  readonly work: SyncObject;
  /** 1 while the worker runs. */
  readonly busy: Cell;
  /** 0 between a freeze and its thaw; absent where nobody freezes. */
  readonly enabled?: Cell;
}

/** What a mount of xfs has. */
export interface XfsMount {
  readonly log: Log;
  /** Mounted with quota: where reclaim may take quota structures. */
  readonly quota: boolean;
  /** The files that tasks use. */
  readonly files: readonly XfsInode[];
  /** Absent where eviction inactivates by itself. */
  readonly inodegc?: Inodegc;
  /** The task has a transaction open; only xfs's own allocators look. Absent where a scope does that. */
  readonly PF_FSTRANS?: LocalCell;
  /** One task at a time reclaims the inodes of an allocation group. */
  readonly pag_ici_reclaim_lock: Rwsem;
}

/** What an inode of xfs has. */
export interface XfsInode {
  readonly name: string;
  readonly ILOCK: Rwsem;
  /** 1 while an item of it in the AIL pins log space; absent where the ILOCK is a leaf. */
  readonly logged?: Cell;
}

/**
 * Makes what one mount needs. `wholeLog` models the ILOCKs, and the AIL that needs them, step by step: without it
 * the ILOCK is taken to be a leaf, unless the device is a loop device: an fsync waits for its worker under the ILOCK.
 */
export function createMount(builder: Builder, sb: string, wholeLog: boolean): XfsMount {
  const { world, era, tasks } = builder;
  const freezes = tasks.some((task) => task.kind === 'freeze' && task.fs === sb);
  const stacked = builder.onLoop(sb);
  return {
    log: {
      name: `${sb}.log`,
      space: world.object(`${sb}.log`, { lock: 'xfs_log_space', kind: 'log-space' }),
      ...(wholeLog || stacked || !freezes ? { free: world.cell(`${sb}.log.free`, LOG_UNITS, LOG_UNITS) } : {}),
      ...(wholeLog || stacked ? { ail: world.cell(`${sb}.ail`, LOG_UNITS) } : {}),
    },
    quota: builder.victimKinds(sb).includes('dquot'),
    files: filesOf(builder, sb).map((inode) => createFile(builder, inode, !wholeLog && !stacked)),
    ...(era.xfsInactivation.is === 'queued'
      ? {
          inodegc: {
            work: world.object(`${sb}.inodegc`, { lock: 'xfs_inodegc', kind: 'completion' }),
            busy: world.cell(`${sb}.inodegc.busy`, 1),
            ...(freezes ? { enabled: world.cell(`${sb}.inodegc.enabled`, 1, 1) } : {}),
          },
        }
      : {}),
    ...(era.pfFstrans.is ? { PF_FSTRANS: taskFlag(builder, 'PF_FSTRANS') } : {}),
    pag_ici_reclaim_lock: builder.rwsem('pag_ici_reclaim_lock', `${sb}.pag_ici_reclaim_lock`, {
      writers: true,
      // On a disk only buffers are waited for inside it, on a loop device the device.
      leaf: !stacked,
      kind: 'mutex',
    }),
  };
}

function filesOf({ tasks }: Builder, sb: string): readonly string[] {
  const named = tasks.flatMap((task) => ('inode' in task && task.fs === sb ? [inodeName(sb, task.inode)] : []));
  return [...new Set(named)];
}

function createFile(builder: Builder, inode: string, leaf: boolean): XfsInode {
  return {
    name: inode,
    ILOCK: builder.rwsem('ILOCK', `${inode}.ILOCK`, {
      writers: true,
      leaf,
      owner: { object: inode, referenced: true },
    }),
    ...(leaf ? {} : { logged: builder.world.cell(`${inode}.logged`, 1) }),
  };
}

/** Makes what one unused inode needs: locks that nobody else can want. */
export function createVictim(builder: Builder, victim: string): XfsInode {
  const owner = { object: victim, referenced: false };
  return { name: victim, ILOCK: builder.rwsem('ILOCK', `${victim}.ILOCK`, { writers: true, unshared: true, owner }) };
}

/** A flag of the task, which two mounts share. */
function taskFlag({ world }: Builder, name: string): LocalCell {
  return world.locals.find((local) => local.name === name) ?? world.local(name, 1);
}

/** What xfs keeps with a superblock. */
export function mountOf(sb: SuperBlock): XfsMount {
  return sb.s_fs_info as XfsMount;
}

/** What xfs keeps with a file. */
export function xfsInode(inode: Inode): XfsInode {
  return inode.i_private as XfsInode;
}

/** What log space is to the rules. */
export function spaceIdentity(log: Log): LockIdentity {
  return { lock: 'xfs_log_space', instance: log.space.name, kind: 'log-space' };
}
