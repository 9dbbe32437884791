import { type Alternative, add, type Cell, kernelFunction, note, type Op, op, set, when } from '@faultpath/engine';
import { lockEvent, type Machine, type ModelEvent, type SuperBlock, submit_bio_wait } from '@faultpath/mm';
import { xlog_cil_force_seq } from './cil.ts';
import { type Log, mountOf, spaceIdentity, type XfsInode } from './mount.ts';

/** Takes the space of one transaction, as soon as there is as much. */
function reserve(log: Log): Op {
  const hold = { object: log.space, mode: 'reserved' };
  return op(
    `reserve space of ${log.name}`,
    [
      {
        when: log.free === undefined ? [] : [when(log.free, '>=', 1)],
        does: log.free === undefined ? [] : [add(log.free, -1)],
        result: 1,
        acquires: [hold],
        // What it waits for was told before; this step itself never waits.
        event: lockEvent(spaceIdentity(log), 'acquired', 'shared', true),
      },
    ],
    hold,
  );
}

/**
 * Waits until the log has room for a transaction. The kernel's queue is first come, first served; here anybody may be
 * next, which is more than that.
 *
 * @kernel fs/xfs/xfs_log.c xlog_grant_head_wait v6.1
 * @locks whatever the task holds stays held; returns with log space reserved
 * @omits tickets of different sizes; pushing the AIL, which xfsaild does by itself when the log is full
 */
export const xlog_grant_head_wait = kernelFunction('xlog_grant_head_wait', function* (_env: Machine, sb: SuperBlock) {
  const { log } = mountOf(sb);
  const { lock, instance, kind } = spaceIdentity(log);
  const event: ModelEvent = { type: 'wait', lock, instance, kind };
  yield note('wait for log space', event);
  yield reserve(log);
  return 0;
});

/**
 * Asks for log space.
 *
 * @kernel fs/xfs/xfs_log.c xlog_grant_head_check v6.1
 * @locks returns with log space reserved
 * @omits a log that was shut down
 */
export const xlog_grant_head_check = kernelFunction('xlog_grant_head_check', function* (env: Machine, sb: SuperBlock) {
  yield* xlog_grant_head_wait(env, sb);
  return 0;
});

/**
 * Gives a reservation over to the AIL. An item that was in the AIL already moves up, and what it pinned is free. Where
 * nothing can keep xfsaild from pushing an item, the space that it pins is as good as free: whoever waits gets it.
 *
 * `after` is given back in the same step: nothing that waits lies between, and giving back never waits.
 */
export function insertIntoAil(log: Log, inode: XfsInode | undefined, changes: Alternative['does'], after: Op): Op {
  const logged = inode?.logged;
  const ways: Pick<Alternative, 'when' | 'does'>[] =
    log.free === undefined
      ? [{ when: [], does: [] }]
      : logged === undefined
        ? [{ when: [], does: [add(log.ail ?? log.free, 1)] }]
        : [
            { when: [when(logged, '==', 0)], does: [set(logged, 1)] },
            { when: [when(logged, '==', 1)], does: [add(log.free, 1)] },
          ];
  const released = lockEvent(spaceIdentity(log), 'release', 'shared');
  return op(
    `commit to ${log.name}, ${after.name}`,
    ways.flatMap((way) =>
      after.alternatives.map((each) => ({
        ...each,
        when: [...way.when, ...each.when],
        does: [...changes, ...way.does, ...each.does],
        releases: [{ object: log.space, mode: 'reserved' }, ...(each.releases ?? [])],
        event: [released, each.event],
      })),
    ),
  );
}

type WholeLog = Log & { readonly free: Cell; readonly ail: Cell };

/**
 * Writes one item of the AIL back, which frees the space that it pinned. An item whose inode is locked is skipped, so
 * that xfsaild itself never waits for anybody. It is pushed when the log is full: earlier, nobody misses the space.
 */
function push({ name, space, free, ail }: WholeLog, files: readonly XfsInode[], onLoop: boolean): Op {
  const full = when(free, '==', 0);
  const written = onLoop ? [] : [add(free, 1)];
  const alternatives: Alternative[] = [
    { when: [full, when(ail, '>=', 1)], does: [add(ail, -1), ...written], result: 0 },
  ];
  for (const { logged, ILOCK } of files) {
    const state = ILOCK.state;
    if (logged === undefined || state === undefined) continue;
    alternatives.push({
      when: [full, when(logged, '==', 1), when(state.writer, '==', 0)],
      does: [set(logged, 0), ...written],
      result: 0,
    });
  }
  return op(`push the tail of ${name}`, alternatives, { object: space, mode: 'pushed' });
}

/**
 * Pushes the AIL for whoever waits for log space. It runs under PF_MEMALLOC: it never reclaims.
 *
 * @kernel fs/xfs/xfs_trans_ail.c xfsaild_push v6.1
 * @locks tries the ILOCK shared, and skips an inode that is locked
 * @omits the target and the order of items; the buffers, which nobody holds for long; pushing on while I/O is under way,
 * which frees no space before that is done. Log forces for pinned items wait for the same device
 */
export const xfsaild_push = kernelFunction('xfsaild_push', function* (env: Machine, sb: SuperBlock) {
  const { log, files } = mountOf(sb);
  const { name, free } = log as WholeLog;
  const onLoop = sb.s_bdev !== undefined;
  yield push(log as WholeLog, files, onLoop);
  if (!onLoop) return 0;
  yield* submit_bio_wait(env, sb);
  yield op(`the tail of ${name} moves`, [{ when: [], does: [add(free, 1)], result: 0 }]);
  return 0;
});

/** Is there anything that pushing could wait for? Otherwise {@link insertIntoAil} has done it already. */
export function hasAil(sb: SuperBlock): boolean {
  return mountOf(sb).log.ail !== undefined;
}

/**
 * The thread that pushes the AIL.
 *
 * @kernel fs/xfs/xfs_trans_ail.c xfsaild v6.1
 * @locks none
 * @omits its pauses
 */
export const xfsaild = kernelFunction('xfsaild', function* (env: Machine, sb: SuperBlock) {
  yield* xfsaild_push(env, sb);
  return 0;
});

/**
 * Makes everything logged durable. Unlike a commit of jbd2 it waits for no open transaction: what is not committed is
 * not in the log yet. So on a disk nothing that a task holds can keep it, and it is only told; on a loop device its I/O
 * is the worker's.
 *
 * @kernel fs/xfs/xfs_log.c xfs_log_force v6.1
 * @locks a worker takes xc_ctx_lock exclusively, held by commits for as long as they copy their items
 * @omits log buffers; that there may be nothing to write
 */
export const xfs_log_force = kernelFunction('xfs_log_force', function* (env: Machine, sb: SuperBlock) {
  if (env.bounds.detail !== undefined) yield* xlog_cil_force_seq(env, sb);
  const event: ModelEvent = {
    type: 'wait',
    lock: 'xfs_log_force',
    instance: `${mountOf(sb).log.name}.force`,
    kind: 'completion',
  };
  yield note('force the log', event);
  yield* submit_bio_wait(env, sb);
  return 0;
});
