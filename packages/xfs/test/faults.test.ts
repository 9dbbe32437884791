import { type EraName, eraNames } from '@faultpath/mm';
import { describe, expect, test } from 'vitest';
import { xfs, xfsWith } from '../src/index.ts';
import { cycleOf, eventsOf, exploreXfs, freeze, kswapd, read, truncate, unused, write } from './support.ts';

/** Masks of an allocation, with what was held. */
function allocations(era: EraName, task: typeof read | typeof write, site: string, policy?: 'scope') {
  const exploration = exploreXfs({
    era,
    tasks: [task],
    victims: unused('dquot'),
    ...(policy === undefined ? {} : { policy }),
  });
  return eventsOf(exploration).flatMap(({ event, held }) =>
    event.type === 'alloc' && event.site === site ? [{ ...event, held }] : [],
  );
}

describe('faults of every era', () => {
  test.each(eraNames)(
    '%s: read and write faults on one page, with every kind that reclaim reaches, never hang',
    (era) => {
      const kinds = Object.entries(xfs.reclaim.kinds).filter(([, { eras }]) => eras.includes(era));
      const found = exploreXfs({ era, tasks: [read, write, kswapd], victims: unused(...kinds.map(([kind]) => kind)) });
      expect(found.verdict).toBe('proved');
      expect(found.states).toBeGreaterThan(10);
    },
  );

  test.each(eraNames)('%s: every scope and lock is given back', (era) => {
    const { system } = exploreXfs(
      { era, tasks: [read, write, truncate], victims: unused('eofblocks', 'orphan', 'cow', 'dquot') },
      xfs,
      { all: true },
    );
    const ended = system.automata.flatMap(({ detailed }) => detailed.states.filter(({ status }) => status === 'done'));
    expect(ended.length).toBeGreaterThan(0);
    const flags = system.model.world.locals.filter(({ name }) => name !== 'vmf.gfp_mask');
    for (const state of ended) {
      expect(state.held).toEqual([]);
      for (const { id } of flags) expect(state.locals[id]).toBe(0);
    }
  });
});

describe('masks', () => {
  test.each(eraNames)('%s: a node for the tree obeys the mapping mask, which xfs declares', (era) => {
    const site = era < 'v5' ? '__radix_tree_preload' : 'xas_nomem';
    const exploration = exploreXfs({ era, tasks: [write], allocationFailure: true });
    const nodes = eventsOf(exploration).flatMap(({ event }) =>
      event.type === 'alloc' && event.site === site ? [event.requested.fs] : [],
    );
    expect(new Set(nodes)).toEqual(new Set([false]));
  });

  test('v4.9: the hole page takes vmf->gfp_mask, against the mapping mask', () => {
    const [hole] = allocations('v4.9', read, 'find_or_create_page');
    expect([hole?.effective.fs, hole?.mapping?.fs]).toEqual([true, false]);
    expect(allocations('v6.1', read, 'find_or_create_page')).toEqual([]);
  });

  test.each(eraNames)('%s: a write fault asks for FS with the DAX entry held, and never with log space', (era) => {
    const sites = ['xfs_dquot_alloc', 'xfs_trans_alloc', 'pte_alloc_one'].flatMap((site) =>
      allocations(era, write, site),
    );
    const capable = sites.filter(({ effective }) => effective.fs);
    expect(new Set(sites.map(({ site }) => site)).size).toBe(3);
    if (era !== 'v4.10') expect(capable.some(({ held }) => held.some((name) => name.endsWith('.entry')))).toBe(true);
    for (const { held } of capable) expect(held).not.toContain('xfs.log');
  });

  test('inside a transaction: by PF_FSTRANS, by a scope, or, in a twin, not at all', () => {
    const inside = (era: EraName) => allocations(era, write, 'xfs_inode_item_init');
    expect(inside('v4.9').map(({ requested }) => requested.fs)).not.toContain(true);
    expect(inside('v6.1').map(({ requested, effective }) => [requested.fs, effective.fs])).not.toContainEqual([
      true,
      true,
    ]);
    const twin = exploreXfs({ era: 'v6.1', tasks: [write] }, xfsWith({ transactionScope: false }));
    const fs = eventsOf(twin).flatMap(({ event }) =>
      event.type === 'alloc' && event.site === 'xfs_inode_item_init' ? [event.effective.fs] : [],
    );
    expect(fs).toContain(true);
  });

  test('PF_FSTRANS means nothing to the page allocator: only the policy that makes it a scope does', () => {
    const scopes = (policy?: 'scope') =>
      eventsOf(exploreXfs({ era: 'v4.9', tasks: [write], ...(policy === undefined ? {} : { policy }) })).filter(
        ({ event }) => event.type === 'scope' && event.scope === 'NOFS',
      ).length;
    expect(scopes()).toBe(0);
    expect(scopes('scope')).toBeGreaterThan(0);
  });
});

describe('log space', () => {
  test.each(eraNames)('%s: nothing is waited for inside a reservation, so that it may be a leaf', (era) => {
    const { system } = exploreXfs(
      { era, tasks: [read, write, truncate], victims: unused('eofblocks', 'orphan', 'cow', 'dquot') },
      xfsWith({}, { wholeLog: true }),
      { all: true },
    );
    const inside = system.automata.flatMap(({ detailed }) =>
      detailed.states.filter(({ held }) => held.some(({ object }) => object.name === 'xfs.log')),
    );
    expect(inside.length).toBeGreaterThan(0);
    const waits = inside.flatMap(({ op }) => (op?.wants === undefined ? [] : [op.wants.object.name]));
    expect(new Set(waits.filter((name) => !name.endsWith('.ILOCK')))).toEqual(new Set());
  });

  test.each(['v4.9', 'v6.1'] as const)('%s: a freeze finds the same with its cells and without', (era) => {
    const scene = { era, tasks: [write, freeze], victims: unused('eofblocks') };
    expect(exploreXfs(scene, xfsWith({}, { wholeLog: true })).verdict).toBe('proved');
    expect(exploreXfs(scene).verdict).toBe('proved');
  });
});

describe('the ILOCK', () => {
  test.each(eraNames)('%s: is a leaf: nothing is waited for inside', (era) => {
    const { system } = exploreXfs(
      { era, tasks: [read, write, truncate], victims: unused('eofblocks', 'orphan', 'cow') },
      xfs,
      { all: true },
    );
    const inside = system.automata.flatMap(({ detailed }) =>
      detailed.states.filter(({ held }) => held.some(({ object }) => object.name.endsWith('.ILOCK'))),
    );
    for (const state of inside) expect(state.op?.wants).toBeUndefined();
  });

  test.each(['v4.9', 'v6.1'] as const)(
    '%s: with its cells, and the AIL that tries it, nothing else is found',
    (era) => {
      const scene = { era, tasks: [read, write, { ...write, inode: 1 }], victims: unused('eofblocks') };
      const whole = exploreXfs(scene, xfsWith({}, { wholeLog: true }));
      const leaf = exploreXfs(scene);
      expect([whole.verdict, leaf.verdict]).toEqual(['proved', 'proved']);
      expect(whole.states).toBeGreaterThan(leaf.states);
      expect(whole.system.model.threads.map(({ name }) => name)).toContain('xfsaild/xfs');
    },
  );
});

describe('a freeze', () => {
  test.each(['v4.9', 'v4.10', 'v4.12'] as const)(
    '%s: reclaim that inactivates waits for the thaw with s_umount held, which the thaw needs',
    (era) => {
      const found = exploreXfs({ era, tasks: [read, freeze], victims: unused('eofblocks') });
      expect(found.verdict).toBe('found');
      expect(cycleOf(found)).toEqual(['freeze-1 wants xfs.s_umount', 'read-fault-0 wants xfs.sb_internal']);
      expect(exploreXfs({ era, tasks: [read, freeze], victims: unused('linked') }).verdict).toBe('proved');
    },
  );

  test.each(['v4.9', 'v4.10', 'v4.12'] as const)(
    '%s: a shrinker that leaves a frozen filesystem alone cures it',
    (era) => {
      const changes = ['reclaim-leaves-frozen-alone'] as const;
      expect(exploreXfs({ era, tasks: [read, kswapd, freeze], victims: unused('eofblocks'), changes }).verdict).toBe(
        'proved',
      );
    },
  );

  test.each(['v5.15', 'v6.1', 'v6.12'] as const)('%s: the worker is stopped, and nobody waits for it', (era) => {
    expect(exploreXfs({ era, tasks: [read, freeze], victims: unused('eofblocks', 'orphan') }).verdict).toBe('proved');
  });

  test('v4.9: the structure allocated under sb_internal is harmless, as the page-fault level holds the freeze up', () => {
    expect(exploreXfs({ era: 'v4.9', tasks: [write, freeze], victims: unused('eofblocks') }).verdict).toBe('proved');
  });
});

describe('MAP_SYNC', () => {
  test('makes the log durable with the fault locks held, and waits for no transaction', () => {
    const sync = { ...write, sync: true } as const;
    const found = exploreXfs({ era: 'v6.1', tasks: [sync, write], victims: unused('lazytime', 'eofblocks') });
    expect(found.verdict).toBe('proved');
    const forced = eventsOf(found).filter(({ event }) => event.type === 'wait' && event.lock === 'xfs_log_force');
    expect(forced.length).toBeGreaterThan(0);
  });
});
