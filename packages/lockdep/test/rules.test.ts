import { describe, expect, it } from 'vitest';
import { type Judgement, type JudgeOptions, judge, type Knowledge, LockdepError, rules } from '../src/index.ts';
import { GFP_KERNEL, GFP_NOFS, GFP_NOLOCKDEP, type Script, script } from './events.ts';

const everything: readonly Knowledge[] = [
  'locks',
  'waits',
  'scopes',
  'requested-mask',
  'effective-mask',
  'mapping-mask',
  'mask-stores',
  'faults',
  'freeze',
  'calls',
  'leaves',
];

function judged(source: Script, options: Partial<JudgeOptions> = {}): Promise<Judgement> {
  return judge(source.events, { rules, provides: everything, ...options });
}

async function fired(source: Script, options: Partial<JudgeOptions> = {}): Promise<string[]> {
  const { findings } = await judged(source, options);
  return [...new Set(findings.filter((finding) => finding.level !== 'note').map((finding) => finding.rule))];
}

/** R, W and the commit thread of ext4's lazytime hang. */
function lazytime(readMask = GFP_KERNEL): Script {
  const entry = { kind: 'dax-entry' } as const;
  const handle = { kind: 'handle' } as const;
  const source = script()
    .task('R')
    .read('mmap_lock')
    .take('dax_entry', entry)
    .alloc(readMask, { site: 'pte_alloc_one', charged: true })
    .reclaim('memcg', readMask);
  // The superblock shrinker, and so iput, runs only where the mask has __GFP_FS.
  if (readMask.fs === true) source.read('jbd2_handle', handle).drop('jbd2_handle');
  return source
    .reclaimed('memcg', readMask)
    .drop('dax_entry', 'mmap_lock')
    .task('W')
    .read('jbd2_handle', handle)
    .take('dax_entry', entry)
    .drop('dax_entry', 'jbd2_handle')
    .task('commit')
    .want('jbd2_handle', handle);
}

describe('lockdep/circular', () => {
  it('fires on two orders of two mutexes', async () => {
    const source = script().take('A').take('B').drop('B', 'A').task('b').take('B').take('A');
    expect(await fired(source)).toEqual(['lockdep/circular']);
  });

  it('stays silent when both tasks agree', async () => {
    const source = script().take('A').take('B').drop('B', 'A').task('b').take('A').take('B');
    expect(await fired(source)).toEqual([]);
  });

  it('tells every cycle once, whoever repeats it', async () => {
    const source = script();
    for (let i = 0; i < 3; i++)
      source.task(`a${i}`).take('A').take('B').drop('B', 'A').take('B').take('A').drop('A', 'B');
    expect((await judged(source)).findings).toHaveLength(1);
  });

  it('tells who did which side, and where: each took what they hold, and asked for the other', async () => {
    const two = script().take('A').take('B').drop('B', 'A').task('b').take('B').take('A');
    two.events.forEach((event, index) => {
      Object.assign(event, { where: { line: index + 1, cpu: event.task === 'b' ? 1 : 0 } });
    });
    const [finding] = (await judged(two)).findings;
    const sides = finding?.cycle?.map(({ task, holds, where }) => [
      task,
      holds[0]?.where?.line,
      where?.line,
      where?.cpu,
    ]);
    expect(new Map(sides?.map(([task, ...rest]) => [task, rest]))).toEqual(
      new Map([
        ['b', [5, 6, 1]],
        [two.events[0]?.task, [1, 2, 0]],
      ]),
    );
  });

  it('is told by different tasks, where another was seen at one side with other locks held', async () => {
    const source = script().task('a').take('A').take('B').drop('B', 'A').take('B').take('A').drop('A', 'B');
    expect((await judged(source)).findings[0]?.cycle?.map(({ task }) => task)).toEqual(['a', 'a']);
    const other = script().task('a').take('A').take('B').drop('B', 'A');
    other.task('b').take('X').take('A').take('B').drop('B', 'A', 'X').task('a').take('B').take('A');
    expect(new Set((await judged(other)).findings[0]?.cycle?.map(({ task }) => task))).toEqual(new Set(['a', 'b']));
  });

  it('makes an infeasible cycle a note', async () => {
    const source = script()
      .take('G')
      .take('A')
      .take('B')
      .drop('B', 'A', 'G')
      .task('b')
      .take('G')
      .take('B')
      .take('A')
      .drop('A', 'B', 'G');
    const { findings } = await judged(source, { closedWorld: true });
    expect(findings.map(({ level, feasibility }) => [level, feasibility?.verdict])).toEqual([['note', 'infeasible']]);
  });

  it('leaves cycles through fs_reclaim alone', async () => {
    const source = script().take('A').alloc(GFP_KERNEL).drop('A').task('b').reclaim('kswapd').take('A').drop('A');
    expect(await fired(source)).toEqual(['gfp/fs-recursion']);
  });
});

describe('gfp/fs-recursion', () => {
  it('fires on the lazytime hang and names its shape', async () => {
    const { findings } = await judged(lazytime());
    expect(findings.map((finding) => finding.rule)).toEqual(['gfp/fs-recursion']);
    const [finding] = findings;
    expect(finding!.claim).toBe(
      'FS+ allocation in pte_alloc_one under dax_entry, where somebody waits for dax_entry with jbd2_handle open, and reclaim waits for jbd2_handle',
    );
    expect(finding!.cycle!.map(({ task, holds, wants }) => [task, holds[0]!.lock, wants.lock])).toEqual([
      ['R', 'dax_entry', 'jbd2_handle'],
      ['W', 'jbd2_handle', 'dax_entry'],
    ]);
    expect(finding!.cycle![0]!.mask).toBe('GFP_KERNEL');
  });

  it('stays silent with a NOFS scope around the read fault', async () => {
    expect(await fired(lazytime(GFP_NOFS))).toEqual([]);
  });

  it('stays silent without a writer that waits for the entry', async () => {
    const source = script()
      .task('R')
      .take('dax_entry', { kind: 'dax-entry' })
      .alloc(GFP_KERNEL)
      .drop('dax_entry')
      .task('kswapd')
      .reclaim('kswapd')
      .read('jbd2_handle', { kind: 'handle' });
    expect(await fired(source)).toEqual([]);
  });

  it('judges one recorded fault with what an adapter declares', async () => {
    const fault = script().task('R').take('dax_entry', { kind: 'dax-entry' }).alloc(GFP_KERNEL);
    const reclaim = { lock: 'fs_reclaim', mode: 'exclusive', kind: 'pseudo' } as const;
    const handle = { lock: 'jbd2_handle', mode: 'shared', kind: 'handle' } as const;
    const entry = { lock: 'dax_entry', mode: 'exclusive', kind: 'dax-entry' } as const;
    const assume = [
      { from: reclaim, to: handle, because: 'iput of a lazily dirty inode starts a handle' },
      { from: handle, to: entry, because: 'a write fault starts its handle first' },
    ];
    expect(await fired(fault, { assume })).toEqual(['gfp/fs-recursion']);
    expect(await fired(fault, { assume: assume.slice(0, 1) })).toEqual([]);
  });

  it('has one finding for each allocation site', async () => {
    const source = script().take('A').alloc(GFP_KERNEL, { site: 'f' }).alloc(GFP_KERNEL, { site: 'g' }).drop('A');
    source.task('b').reclaim('kswapd').take('A');
    expect((await judged(source)).findings).toHaveLength(2);
  });

  it('tells the sites of one held class apart', async () => {
    const of = (referenced: boolean) => ({ owner: { object: 'inode', referenced } });
    const source = script().take('ilock', of(true)).alloc(GFP_KERNEL, { site: 'f' }).drop('ilock');
    source.take('ilock', of(false)).alloc(GFP_KERNEL, { site: 'g' }).drop('ilock');
    source
      .task('b')
      .reclaim('kswapd')
      .take('ilock', { ...of(false), instance: 'ilock2' });
    const { findings } = await judged(source);
    expect(findings.map(({ claim, level }) => [claim.split(' ')[3], level])).toEqual([
      ['f', 'note'],
      ['g', 'error'],
    ]);
  });

  it('follows __GFP_NOLOCKDEP as the kernel does', async () => {
    const source = script().take('A').alloc(GFP_NOLOCKDEP).drop('A').task('b').reclaim('kswapd').take('A');
    expect(await fired(source)).toEqual([]);
  });

  it('makes a held lock of a referenced inode a note when reclaim takes it on unreferenced ones', async () => {
    const held = { owner: { object: 'inode:1', referenced: true } };
    const dying = { owner: { object: 'inode:2', referenced: false }, instance: 'ilock2' };
    const source = script()
      .take('ilock', held)
      .alloc(GFP_KERNEL)
      .drop('ilock')
      .task('b')
      .reclaim('kswapd')
      .take('ilock', dying);
    expect(await fired(source)).toEqual([]);
    expect((await judged(source)).findings.map((finding) => finding.level)).toEqual(['note']);
  });
});

describe('lock/leak', () => {
  const fault = (): Script => script().read('mmap_lock').fault();

  it('fires on a lock that outlives the fault', async () => {
    expect(await fired(fault().take('entry').ret('NOPAGE'))).toEqual(['lock/leak']);
  });

  it('stays silent when it is released', async () => {
    expect(await fired(fault().take('entry').drop('entry').ret('NOPAGE'))).toEqual([]);
  });

  it('lets a folio go out with LOCKED only', async () => {
    const folio = { kind: 'folio' } as const;
    expect(await fired(fault().take('folio', folio).ret('LOCKED'))).toEqual([]);
    expect(await fired(fault().take('folio', folio).ret('NOPAGE'))).toEqual(['lock/leak']);
  });

  it('fires on a scope that is left open', async () => {
    expect(await fired(fault().scope('NOFS').ret('NOPAGE'))).toEqual(['lock/leak']);
    expect(await fired(fault().scope('NOFS').unscope('NOFS').ret('NOPAGE'))).toEqual([]);
  });

  it('judges the end of a task in a closed world only', async () => {
    expect(await fired(script().take('A'), { closedWorld: true })).toEqual(['lock/leak']);
    expect(await fired(script().take('A'))).toEqual([]);
  });

  it('says nothing about a fault that lost events', async () => {
    expect(await fired(fault().take('entry').lost().ret('NOPAGE'))).toEqual([]);
  });
});

describe('fault/contract', () => {
  const mmap = (): Script => script().read('mmap_lock').fault();

  it('fires when RETRY keeps mmap_lock', async () => {
    expect(await fired(mmap().ret('RETRY'))).toEqual(['fault/contract']);
    expect(await fired(mmap().drop('mmap_lock').ret('RETRY'))).toEqual([]);
  });

  it('allows RETRY_NOWAIT to keep it', async () => {
    expect(await fired(script().read('mmap_lock').fault().ret())).toEqual([]);
    const source = mmap();
    source.events.push({
      type: 'fault',
      task: 'a',
      action: 'exit',
      access: 'read',
      ret: ['VM_FAULT_RETRY'],
      detail: 'RETRY_NOWAIT',
    });
    expect(await fired(source)).toEqual([]);
  });

  it('fires when mmap_lock is dropped without a word', async () => {
    expect(await fired(mmap().drop('mmap_lock').ret('NOPAGE'))).toEqual(['fault/contract']);
    expect(await fired(mmap().drop('mmap_lock').ret('COMPLETED'))).toEqual([]);
  });

  it('fires on codes that exclude each other', async () => {
    expect(await fired(mmap().ret('NOPAGE', 'OOM'))).toEqual(['fault/contract']);
    expect(await fired(mmap().ret('MAJOR', 'NOPAGE'))).toEqual([]);
  });

  it('holds a handler to LOCKED, and lets the core hand the bit on', async () => {
    expect(await fired(mmap().fault().ret('LOCKED', 'NOPAGE').ret('NOPAGE'))).toEqual(['fault/contract']);
    expect(await fired(mmap().fault().ret('LOCKED').ret('LOCKED', 'NOPAGE'))).toEqual([]);
  });

  it('fires on NEEDDSYNC from the outermost fault', async () => {
    expect(await fired(mmap().ret('NEEDDSYNC'))).toEqual(['fault/contract']);
    expect(await fired(mmap().fault().ret('NEEDDSYNC').ret('NOPAGE'))).toEqual([]);
  });

  it('fires on LOCKED with a folio that was unlocked', async () => {
    const folio = { kind: 'folio' } as const;
    const handler = (): Script => mmap().fault().take('f', folio);
    expect(await fired(handler().dropAs('f', 'folio').ret('LOCKED').ret())).toEqual(['fault/contract']);
    expect(await fired(handler().ret('LOCKED').dropAs('f', 'folio').ret())).toEqual([]);
  });
});

describe('lock/order', () => {
  it('fires against a declared order, also through a third lock', async () => {
    const source = script().take('C').take('A');
    expect(await fired(source, { lockOrder: ['A', 'B', 'C'] })).toEqual(['lock/order']);
    expect(
      await fired(source, {
        lockOrder: [
          ['A', 'B'],
          ['B', 'C'],
        ],
      }),
    ).toEqual(['lock/order']);
  });

  it('stays silent on the declared order, on unknown locks and on trylocks', async () => {
    const lockOrder = ['A', 'B'];
    expect(await fired(script().take('A').take('B'), { lockOrder })).toEqual([]);
    expect(await fired(script().take('B').take('X'), { lockOrder })).toEqual([]);
    expect(await fired(script().take('B').take('A', { trylock: true }), { lockOrder })).toEqual([]);
  });

  it('is notrun without an order, and refuses a circular one', async () => {
    const { notrun } = await judged(script().take('A'));
    expect(notrun.map(({ rule }) => rule)).toEqual(['lock/order', 'lock/contract']);
    const bad = judged(script().take('A'), {
      lockOrder: [
        ['A', 'B'],
        ['B', 'A'],
      ],
    });
    await expect(bad).rejects.toMatchObject({ code: 'FAULTPATH_LOCK_ORDER_CYCLE' });
    await expect(bad).rejects.toBeInstanceOf(LockdepError);
  });
});

describe('scope/balance', () => {
  it('fires on an exit nobody opened, inside a fault', async () => {
    expect(await fired(script().fault().unscope('NOFS').ret())).toEqual(['scope/balance']);
    expect(await fired(script().fault().scope('NOFS').unscope('NOFS').ret())).toEqual([]);
    expect(await fired(script().unscope('NOFS').fault().ret())).toEqual([]);
  });

  it('fires on a scope that outlives its reclaim', async () => {
    expect(await fired(script().reclaim('direct').scope('NOIO').reclaimed())).toEqual(['scope/balance']);
    expect(await fired(script().reclaim('direct').scope('NOIO').unscope('NOIO').reclaimed())).toEqual([]);
  });
});

describe('advisory rules', () => {
  it('gfp/mapping-mask fires where more is asked than the mapping mask has', async () => {
    expect(await fired(script().alloc(GFP_KERNEL, { mapping: GFP_NOFS }))).toEqual(['gfp/mapping-mask']);
    expect(await fired(script().alloc(GFP_NOFS, { mapping: GFP_NOFS }))).toEqual([]);
    expect(await fired(script().alloc(GFP_KERNEL))).toEqual([]);
  });

  it('gfp/mask-juggling fires on clear and restore, not on clearing alone', async () => {
    expect(await fired(script().store(GFP_KERNEL, GFP_NOFS).store(GFP_NOFS, GFP_KERNEL))).toEqual([
      'gfp/mask-juggling',
    ]);
    expect(await fired(script().store(GFP_KERNEL, GFP_NOFS))).toEqual([]);
  });
});

describe('judge', () => {
  it('runs no rule whose needs are not met, and says which', async () => {
    const { notrun } = await judge(script().take('A').events, { rules, provides: ['locks'] });
    expect(notrun.map(({ rule }) => rule)).toEqual(
      rules.filter((rule) => rule.id !== 'lockdep/circular').map((rule) => rule.id),
    );
  });

  it('never passes on nothing', async () => {
    const { notrun, events } = await judge([], { rules, provides: everything });
    expect(events).toBe(0);
    expect(notrun).toHaveLength(rules.length);
  });

  it('refuses a rule that needs something unheard of', async () => {
    const odd = { ...rules[0]!, needs: ['the moon'] as unknown as readonly Knowledge[] };
    await expect(judge([], { rules: [odd], provides: [] })).rejects.toMatchObject({
      code: 'FAULTPATH_UNKNOWN_RULE_NEED',
    });
  });

  it('reads an async source', async () => {
    async function* source() {
      yield* script().take('A').take('B').drop('B', 'A').take('B').take('A').events;
    }
    expect((await judge(source(), { rules, provides: ['locks'] })).findings).toHaveLength(1);
  });
});
