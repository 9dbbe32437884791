import {
  type Alternative,
  choose,
  kernelFunction,
  type LocalCell,
  load,
  note,
  type Op,
  op,
  set,
  store,
  when,
} from '@faultpath/engine';
import {
  kmem_cache_alloc,
  type Machine,
  type ModelEvent,
  memalloc_nofs_restore,
  memalloc_nofs_save,
  type SuperBlock,
  sb_end_intwrite,
  sb_start_intwrite,
} from '@faultpath/mm';
import { type Joined, xlog_cil_commit } from './cil.ts';
import { decided } from './decisions.ts';
import { does as doesInEra } from './era.ts';
import { insertIntoAil, xlog_grant_head_check } from './log.ts';
import { mountOf, type XfsInode } from './mount.ts';

/** Is an open transaction a NOFS scope of the task? By the era, by a policy that says so, not where a twin says no. */
function opensScope(env: Machine, sb: SuperBlock): boolean {
  return decided(sb, 'transactionScope') && (env.era.nofsScope.is || env.policy.handleScope);
}

/** Stores a flag of the task; the result is what it was. */
function exchange(flag: LocalCell, value: number): Op {
  return op(
    `${flag.name} = ${value}`,
    [0, 1].map((before) => ({ when: [when(flag, '==', before)], does: [set(flag, value)], result: before })),
  );
}

/**
 * xfs's own slab allocations. Inside a transaction of the oldest eras they leave `__GFP_FS` out by themselves, because
 * no scope does it for them; the page allocator's other callers knew nothing of that flag.
 *
 * @kernel fs/xfs/kmem.h kmem_flags_convert v4.9
 * @locks whatever the caller holds
 * @omits KM_MAYFAIL; from v5.15 on the slab is called directly
 */
export const kmem_zone_alloc = kernelFunction(
  'kmem_zone_alloc',
  function* (env: Machine, sb: SuperBlock, site: string) {
    const { PF_FSTRANS } = mountOf(sb);
    const inTransaction = PF_FSTRANS !== undefined && (yield load(PF_FSTRANS)) === 1;
    const mask = env.masks.of(`${inTransaction ? 'GFP_NOFS' : 'GFP_KERNEL'}|__GFP_NOFAIL|__GFP_ZERO`);
    yield* kmem_cache_alloc(env, { site, mask, charged: false });
    return 0;
  },
);

const transactionScope: ModelEvent = { type: 'scope', action: 'enter', scope: 'transaction', by: 'xfs_trans_alloc' };
const transactionOpen = note('transaction open', Object.freeze(transactionScope));

/**
 * The task has a transaction open from here. The result is for {@link xfs_trans_clear_context}.
 *
 * @kernel fs/xfs/xfs_trans.h xfs_trans_set_context v6.1
 * @locks sb_internal shared
 * @omits nothing; v4.9 and v4.12 set their flag in xfs_trans_reserve
 */
export const xfs_trans_set_context = kernelFunction('xfs_trans_set_context', function* (env: Machine, sb: SuperBlock) {
  // A recording is told when the reservation is made.
  if (env.bounds.detail === undefined) yield transactionOpen;
  const { PF_FSTRANS } = mountOf(sb);
  const flagged = PF_FSTRANS !== undefined && decided(sb, 'transactionScope');
  const before = flagged ? yield exchange(PF_FSTRANS, 1) : 0;
  if (doesInEra(env.era, 'journalInfo')) yield store(env.current.journal_info, sb.journal);
  const nofs = opensScope(env, sb) ? yield memalloc_nofs_save(env, 'xfs_trans_set_context') : 0;
  return 2 * before + nofs;
});

/**
 * The task's transaction is over.
 *
 * @kernel fs/xfs/xfs_trans.h xfs_trans_clear_context v6.1
 * @locks sb_internal shared
 * @omits nothing
 */
export const xfs_trans_clear_context = kernelFunction(
  'xfs_trans_clear_context',
  function* (env: Machine, sb: SuperBlock, saved: number) {
    if (opensScope(env, sb)) yield memalloc_nofs_restore(env, saved % 2, 'xfs_trans_clear_context');
    if (doesInEra(env.era, 'journalInfo')) {
      const { journal_info } = env.current;
      yield op('journal_info is cleared', [
        { when: [when(journal_info, '==', sb.journal)], does: [set(journal_info, 0)], result: 0 },
        { when: [when(journal_info, '!=', sb.journal)], does: [], result: 0 },
      ]);
    }
    const { PF_FSTRANS } = mountOf(sb);
    if (PF_FSTRANS !== undefined && decided(sb, 'transactionScope')) yield store(PF_FSTRANS, saved < 2 ? 0 : 1);
    const scope: ModelEvent = { type: 'scope', action: 'exit', scope: 'transaction', by: 'xfs_trans_free' };
    yield note('transaction over', scope);
    return 0;
  },
);

/**
 * Reserves log space for a transaction.
 *
 * @kernel fs/xfs/xfs_log.c xfs_log_reserve v6.1
 * @locks returns with log space reserved
 * @omits sizes
 */
export const xfs_log_reserve = kernelFunction('xfs_log_reserve', function* (env: Machine, sb: SuperBlock) {
  const own = doesInEra(env.era, 'scopedTicket') ? 'GFP_KERNEL' : 'GFP_NOFS';
  const mask = env.masks.of(`${own}|__GFP_NOFAIL|__GFP_ZERO`);
  yield* kmem_cache_alloc(env, { site: 'xlog_ticket_alloc', mask, charged: false });
  yield* xlog_grant_head_check(env, sb);
  return 0;
});

/**
 * Reserves what a transaction needs.
 *
 * @kernel fs/xfs/xfs_trans.c xfs_trans_reserve v6.1
 * @locks returns with log space reserved
 * @omits blocks and realtime extents: there are always enough
 */
export const xfs_trans_reserve = kernelFunction('xfs_trans_reserve', function* (env: Machine, sb: SuperBlock) {
  yield* xfs_log_reserve(env, sb);
  return 0;
});

/**
 * Opens a transaction. Its structure is allocated with nothing taken away from the mask: up to v4.12 after the freeze
 * protection was taken, since then before, and always before log space is reserved. The result is for
 * {@link xfs_trans_commit}.
 *
 * @kernel fs/xfs/xfs_trans.c xfs_trans_alloc v6.1
 * @locks returns with sb_internal shared and log space reserved
 * @omits failure, and with it the retry after blockgc
 */
export const xfs_trans_alloc = kernelFunction('xfs_trans_alloc', function* (env: Machine, sb: SuperBlock) {
  const structFirst = decided(sb, 'structBeforeReservation');
  const beforeIntwrite = structFirst && env.era.transStructBeforeIntwrite.is;
  if (beforeIntwrite) yield* kmem_zone_alloc(env, sb, 'xfs_trans_alloc');
  yield sb_start_intwrite(sb);
  if (structFirst && !beforeIntwrite) yield* kmem_zone_alloc(env, sb, 'xfs_trans_alloc');
  if (!structFirst) {
    yield* xfs_trans_reserve(env, sb);
    yield* kmem_zone_alloc(env, sb, 'xfs_trans_alloc');
  }
  const saved = yield* xfs_trans_set_context(env, sb);
  if (structFirst) yield* xfs_trans_reserve(env, sb);
  if (env.bounds.detail !== undefined) yield transactionOpen;
  return saved;
});

/**
 * Joins an inode to the transaction.
 *
 * @kernel fs/xfs/libxfs/xfs_trans_inode.c xfs_trans_ijoin v6.1
 * @locks the ILOCK is held exclusively by the caller
 * @omits the item
 */
export const xfs_trans_ijoin = kernelFunction('xfs_trans_ijoin', function* (env: Machine, sb: SuperBlock) {
  const known = env.bounds.detail !== undefined && (yield choose(2, 'the inode has a log item')) === 1;
  if (!known) yield* kmem_zone_alloc(env, sb, 'xfs_inode_item_init');
  return 0;
});

/**
 * Commits a transaction: its reservation becomes space that the AIL pins. `does` is what the transaction changed under
 * the ILOCK, which is still held: nobody can have seen it before.
 *
 * @kernel fs/xfs/xfs_trans.c xfs_trans_commit v6.1
 * @locks gives the reservation and sb_internal back; the ILOCK stays with the caller
 * @omits the CIL, whose lock commits share; waiting for a push of the CIL, which waits for nobody; the reservation goes
 * back a little late, when nothing is allocated any more
 */
export const xfs_trans_commit = kernelFunction(
  'xfs_trans_commit',
  function* (
    env: Machine,
    sb: SuperBlock,
    saved: number,
    inode: XfsInode | undefined,
    does: Alternative['does'],
    joined?: Joined,
  ) {
    if (env.bounds.detail !== undefined) yield* xlog_cil_commit(env, sb, joined);
    yield* xfs_trans_clear_context(env, sb, saved);
    yield insertIntoAil(mountOf(sb).log, inode, does, sb_end_intwrite(sb));
    return 0;
  },
);
