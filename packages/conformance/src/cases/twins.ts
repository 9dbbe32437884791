import type { ConformanceCase, Twin } from '../case.ts';
import { neverScopes, neverTakes, takesShared, turned } from '../twins/mutations.ts';

const withoutTruncateLock: Twin = {
  id: 'without-truncate-lock',
  title: 'nobody takes the lock that keeps faults and truncate apart',
  mutate: ({ fs, era }) => neverTakes(fs, fs.invalidateLock(era)),
  caughtBy: 'lock/contract',
  because: 'blocks would be freed while a fault maps them',
};

const withoutFreezeProtection: Twin = {
  id: 'without-freeze-protection',
  title: 'a write fault takes no page-fault level of freeze protection',
  mutate: ({ fs }) => neverTakes(fs, 'sb_pagefaults'),
  caughtBy: 'lock/contract',
  because: 'a frozen filesystem would change: nothing waits any more, so no exploration sees it',
};

const truncateShares: Twin = {
  id: 'truncate-shares',
  title: 'truncate takes the lock against faults shared, as faults do',
  mutate: ({ fs, era }) => takesShared(fs, fs.invalidateLock(era)),
  caughtBy: 'lock/contract',
  because: 'shared, it keeps no fault out',
};

const withoutScope: Twin = {
  id: 'without-scope',
  title: 'handles and transactions open no NOFS scope',
  mutate: ({ fs }) => neverScopes(fs, 'NOFS'),
  applies: ({ fs }) => fs.decisions?.['handleScope'] === true,
  caughtBy: 'gfp/fs-recursion',
  because: 'the page-table page is allocated with the handle open, and what reclaim takes waits for the handle',
};

/** A decision that an adapter makes by this name, turned round. */
function decision(id: string, caughtBy: string, because: string, eras?: readonly string[]): Twin {
  return {
    id,
    title: `the adapter decides otherwise: ${id}`,
    mutate: ({ fs }) => turned(fs, id),
    ...(eras === undefined ? {} : { applies: ({ era }) => eras.includes(era) }),
    caughtBy,
    because,
  };
}

const fromV515 = ['v5.15', 'v6.1', 'v6.12'];

/** What each case must see, and what it sees it by. A case about a fault on a DAX file has the twins of every such fault besides. */
const twins: Readonly<Record<string, readonly Twin[]>> = {
  'dax/001': [
    withoutFreezeProtection,
    withoutScope,
    decision('transactionScope', 'lock/leaf', 'a transaction that allocates with FS does so with the ILOCK held'),
    decision(
      'structBeforeReservation',
      'engine/deadlock',
      'whoever reclaims with log space reserved may wait for log space',
    ),
    decision('reservationBeforeIlock', 'lock/leaf', 'log space is waited for with the ILOCK held'),
  ],
  'dax/002': [
    withoutTruncateLock,
    decision('workerScope', 'engine/deadlock', 'a worker that reclaims waits for itself', fromV515),
  ],
  'dax/003': [
    withoutTruncateLock,
    decision('entryBeforeTransaction', 'lock/order', 'the DAX entry is waited for with a transaction open'),
  ],
  'dax/004': [withoutTruncateLock],
  'dax/005': [
    withoutTruncateLock,
    {
      id: 'out-of-scope',
      title: 'the read fault is in no scope',
      mutate: ({ fs }) => fs,
      scenario: (scenario) => ({
        ...scenario,
        tasks: scenario.tasks.map((task) => {
          if (!('scope' in task)) return task;
          const { scope: _, ...rest } = task;
          return rest;
        }),
      }),
      applies: ({ fs, era }) => fs.decisions?.['readFaultScope'] === false && era !== 'v4.10',
      caughtBy: 'engine/deadlock',
      because:
        'the page-table page is allocated with the entry locked, and a writer waits for the entry with a handle open',
    },
  ],
  'dax/006': [truncateShares, withoutTruncateLock],
  'dax/007': [
    withoutFreezeProtection,
    decision(
      'stopWorkerInFreeze',
      'engine/deadlock',
      'it is waited for with s_umount held, which the thaw needs',
      fromV515,
    ),
  ],
  'dax/008': [withoutTruncateLock],
  'dax/009': [withoutTruncateLock],
  'dax/010': [withoutFreezeProtection],
  'dax/011': [withoutTruncateLock],
  'dax/012': [withoutFreezeProtection, withoutScope],
  'page/002': [
    withoutFreezeProtection,
    decision(
      'nodeMaskNofs',
      'engine/deadlock',
      'the page of a node is allocated with FS under a lock that a checkpoint waits for',
    ),
  ],
  'page/003': [
    withoutFreezeProtection,
    decision(
      'nestsTransactions',
      'engine/deadlock',
      'a second transaction waits behind the constructor, which waits for the first',
      fromV515,
    ),
  ],
  'page/006': [withoutFreezeProtection],
};

/** Cases with their twins. */
export function withTwins(cases: readonly ConformanceCase[]): readonly ConformanceCase[] {
  return cases.map((each) => {
    const own = twins[each.id];
    return own === undefined ? each : Object.freeze({ ...each, twins: [...each.twins, ...own] });
  });
}
