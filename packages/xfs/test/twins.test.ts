import { kernelFunction } from '@faultpath/engine';
import {
  type AddressSpace,
  down_read,
  type EraName,
  type FaultCase,
  type Filesystem,
  type Machine,
  up_read,
  type Victim,
} from '@faultpath/mm';
import { describe, expect, test } from 'vitest';
import { type XfsDecision, xfs, xfs_fs_destroy_inode, xfsWith } from '../src/index.ts';
import { cycleOf, exploreXfs, freeze, read, truncate, unused, write } from './support.ts';

const other = { ...write, inode: 1 };
const reclaiming = ['v4.9', 'v4.10', 'v4.12'] as const;
const queueing = ['v5.15', 'v6.1', 'v6.12'] as const;

/** A kind whose end makes a transaction in the task that reclaims it. */
function inTask(era: EraName): { readonly kind: string }[] {
  return unused((reclaiming as readonly string[]).includes(era) ? 'eofblocks' : 'lazytime');
}

interface Twin {
  readonly turned: readonly XfsDecision[];
  readonly title: string;
  readonly eras: readonly EraName[];
  readonly scene: (era: EraName) => Omit<FaultCase, 'filesystem' | 'era'>;
}

/** Each decision that keeps these faults from hanging: turned round, the scene hangs; as released, it does not. */
const harmful: readonly Twin[] = [
  {
    turned: ['transactionScope'],
    title: 'a transaction that allocates with __GFP_FS reclaims into one that waits for its log space',
    eras: [...reclaiming, ...queueing],
    scene: (era) => ({ tasks: [write, other], victims: inTask(era) }),
  },
  {
    turned: ['structBeforeReservation'],
    title: 'a transaction structure allocated after the reservation does the same',
    eras: [...reclaiming, ...queueing],
    scene: (era) => ({ tasks: [write, other], victims: inTask(era) }),
  },
  {
    turned: ['reservationBeforeIlock'],
    title: 'who waits for log space with an ILOCK held keeps the AIL from making room',
    eras: [...reclaiming, ...queueing],
    scene: () => ({ tasks: [write, other] }),
  },
  {
    turned: ['entryBeforeTransaction'],
    title: 'who waits for a DAX entry with a transaction open keeps a reader that reclaims from its log space',
    eras: ['v4.9', 'v4.12', ...queueing],
    scene: (era) => ({ tasks: [read, write, write], victims: inTask(era) }),
  },
  {
    turned: ['pagefaultProtection'],
    title: 'a write fault without freeze protection reclaims while the filesystem is frozen',
    eras: reclaiming,
    scene: () => ({ tasks: [write, freeze], victims: unused('eofblocks') }),
  },
  {
    turned: ['workerScope'],
    title: 'a worker that reclaims waits for itself',
    eras: queueing,
    scene: () => ({ tasks: [read], victims: unused('eofblocks') }),
  },
  {
    turned: ['transactionScope', 'noFlushInTransaction'],
    title: 'a task that waits for the worker in a transaction keeps it from log space',
    eras: queueing,
    scene: () => ({ tasks: [write, other], victims: unused('eofblocks') }),
  },
  {
    turned: ['stopWorkerInFreeze'],
    title: 'a worker that a freeze does not stop is waited for with s_umount held, which the thaw needs',
    eras: queueing,
    scene: () => ({ tasks: [read, freeze], victims: unused('eofblocks') }),
  },
];

describe.each(harmful)('without $turned: $title', ({ turned, eras, scene }) => {
  const twin = xfsWith(Object.fromEntries(turned.map((decision) => [decision, false])));

  test.each(eras)('%s hangs', (era) => {
    const { verdict, errors } = exploreXfs({ era, ...scene(era) }, twin);
    expect([verdict, errors]).toEqual(['found', []]);
  });

  test.each(eras)('%s as released does not', (era) => {
    expect(exploreXfs({ era, ...scene(era) }).verdict).toBe('proved');
  });
});

describe('two protections against waiting for the worker in a transaction', () => {
  const scene = { tasks: [write, other], victims: unused('eofblocks') };

  test.each(['v5.15', 'v6.1'] as const)('%s: journal_info keeps a task from it that has no scope', (era) => {
    expect(exploreXfs({ era, ...scene }, xfsWith({ transactionScope: false })).verdict).toBe('proved');
  });

  test('v6.12: the scope is the only one', () => {
    expect(exploreXfs({ era: 'v6.12', ...scene }, xfsWith({ transactionScope: false })).verdict).toBe('found');
  });

  test.each(queueing)('%s: in a scope nothing is reclaimed, so that the question never comes up', (era) => {
    expect(exploreXfs({ era, ...scene }, xfsWith({ noFlushInTransaction: false })).verdict).toBe('proved');
  });
});

/** An adapter whose evictions take a lock first. */
function evictionTakes(lock: (mapping: AddressSpace | undefined) => AddressSpace['invalidate_lock']): Filesystem {
  let first: AddressSpace | undefined;
  const evict_inode = kernelFunction('xfs_inactive', function* (env: Machine, victim: Victim) {
    yield down_read(lock(first));
    yield* xfs_fs_destroy_inode(env, victim);
    yield up_read(lock(first));
    return 0;
  });
  return {
    ...xfs,
    s_op: { ...xfs.s_op, evict_inode },
    setupInode: (builder, inode, mapping) => {
      first ??= mapping;
      return xfs.setupInode(builder, inode, mapping);
    },
  };
}

describe('eviction and the MMAPLOCK', () => {
  const scene = { tasks: [read, truncate], victims: unused('eofblocks') };

  test.each(['v4.9', 'v6.1'] as const)('%s: of a file in use it must not take it', (era) => {
    const twin = evictionTakes((mapping) => (mapping as AddressSpace).invalidate_lock);
    const found = exploreXfs({ era, ...scene }, twin);
    expect(found.verdict).toBe('found');
    expect(cycleOf(found).every((wait) => wait.endsWith('wants xfs/inode0.MMAPLOCK'))).toBe(true);
  });

  test.each(['v4.9', 'v6.1'] as const)('%s: of the inode that goes it may, as nobody references that', (era) => {
    const name = 'xfs/unused0.MMAPLOCK';
    const own = {
      lock: 'MMAPLOCK',
      instance: name,
      kind: 'rwsem',
      owner: { object: 'xfs/unused0', referenced: false },
      object: { type: 'object', id: 10_000, name, info: null },
      unshared: true,
    } as const;
    expect(
      exploreXfs(
        { era, ...scene },
        evictionTakes(() => own),
      ).verdict,
    ).toBe('proved');
  });
});
