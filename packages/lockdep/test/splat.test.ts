import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  answerSilence,
  answerSplat,
  ClassGraph,
  edgesOf,
  graphModel,
  readSplats,
  renderSilence,
  renderSplatAnswer,
  type SplatModel,
  SplatReader,
  type SplatReading,
  TaskTracker,
} from '../src/index.ts';
import { GFP_KERNEL, script } from './events.ts';

const folder = new URL('./fixtures/splats/', import.meta.url);

function text(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8');
}

function read(name: string): Promise<SplatReading> {
  return readSplats(text(name).split('\n'));
}

async function edges(name: string, index = 0): Promise<string[]> {
  return edgesOf((await read(name)).reports[index]!).map(({ from, to }) => `${from} -> ${to}`);
}

const xfs: SplatModel = {
  name: 'xfs v6.1',
  knows: ({ from, to }) =>
    from === 'fs_reclaim' && to === '&xfs_nondir_ilock_class' ? { functions: ['xfs_can_free_eofblocks'] } : undefined,
  ownerOf: (lock) => (/ilock_class|invalidate_lock/.test(lock) ? 'inode' : undefined),
  remark: (about) => ('silent' in about ? [`about ${about.silent.length} notes`] : []),
};

describe('readSplats', () => {
  it('reads every recorded file', async () => {
    for (const name of readdirSync(folder)) {
      const reading = await read(name);
      expect([name, reading.silent ? 'silent' : reading.reports.length > 0]).toEqual([
        name,
        name.startsWith('01-') || name.startsWith('11b-') ? 'silent' : true,
      ]);
      if (/^\d/.test(name)) for (const report of reading.reports) expect(report.missing).toEqual([]);
    }
  });

  it('gives the parts of a circular report', async () => {
    const { reports, notes } = await read('09-xfs-dax-trans-no-nofs.txt');
    expect(notes[0]).toContain('labbug=8');
    expect(reports).toHaveLength(1);
    const report = reports[0]!;
    expect(report).toMatchObject({
      kind: 'circular',
      kernel: '6.1.192 #2',
      timestamp: '42.742525',
      task: { comm: 'hog', pid: 318 },
      wanted: {
        id: '&xfs_nondir_ilock_class',
        usage: '++++',
        waitType: '3:3',
        at: 'xfs_ilock',
        address: 'ff110000049a88a0',
      },
      holding: { id: 'fs_reclaim' },
    });
    expect(report.chain.map(({ index, lock }) => [index, lock.id])).toEqual([
      [1, 'fs_reclaim'],
      [0, '&xfs_nondir_ilock_class'],
    ]);
    expect(report.chain[0]!.backtrace.slice(0, 3)).toEqual([
      'fs_reclaim_acquire',
      'kmem_cache_alloc',
      'xfs_buf_item_init',
    ]);
    expect(report.held.map(({ id }) => id)).toEqual([
      '&mm->mmap_lock',
      'fs_reclaim',
      'shrinker_rwsem',
      '&type->s_umount_key#20',
    ]);
    expect(report.scenario).toEqual([
      { cpu: 0, op: 'lock', lock: 'fs_reclaim' },
      { cpu: 1, op: 'lock', lock: '&xfs_nondir_ilock_class' },
      { cpu: 1, op: 'lock', lock: 'fs_reclaim' },
      { cpu: 0, op: 'rlock', lock: '&xfs_nondir_ilock_class' },
    ]);
    expect(report.backtrace).not.toContain('_raw_spin_unlock');
    expect(report.backtrace.at(-1)).toBe('asm_exc_page_fault');
  });

  it('reads reclaim as it was reported until 4.13', async () => {
    const { reports } = await read('reclaim-fs-4.5.txt');
    expect(reports[0]).toMatchObject({
      kind: 'inconsistent',
      kernel: '4.5.0-rc2+ #4',
      task: { comm: 'kswapd0', pid: 543 },
      wanted: { id: '&xfs_nondir_ilock_class', usage: '++++-+', at: 'xfs_ilock' },
      usage: { from: 'RECLAIM_FS-ON-R', to: 'IN-RECLAIM_FS-W' },
      missing: [],
    });
    expect(reports[0]!.usage!.registered).toContain('xfs_getbmap');
    expect(await edges('reclaim-fs-4.5.txt')).toEqual([
      'fs_reclaim -> &xfs_nondir_ilock_class',
      '&xfs_nondir_ilock_class -> fs_reclaim',
    ]);
  });

  it('reads several reports from a noisy log, and says what a truncated one lacks', async () => {
    const { reports } = await read('several-noisy.txt');
    expect(reports.map(({ kind, line, missing }) => [kind, line, missing])).toEqual([
      ['circular', 3, []],
      ['recursive', 60, []],
      ['circular', 87, ['the dependency chain', 'the stack backtrace']],
    ]);
    expect(reports[0]!.task).toEqual({ comm: 'kworker/u9:1', pid: 301 });
    expect(reports[0]!.chainOf).toEqual(['&c->mark_lock', '&c->sb_lock/1', 'fs_reclaim']);
    expect(await edges('several-noisy.txt')).toEqual([
      'fs_reclaim -> &c->mark_lock',
      '&c->mark_lock -> &c->sb_lock/1',
      '&c->sb_lock/1 -> fs_reclaim',
    ]);
    expect(reports[2]).toMatchObject({
      wanted: { id: '&sb->s_type->i_mutex_key#19' },
      holding: { id: '&pipe->mutex/1', subclass: 1 },
    });
  });

  it.each([
    ['the console', '<4>[   12.345678] '],
    ['printk with its callers', '[   12.345678][  T311] '],
    ['dmesg -T', '[Mon Jan  1 00:00:00 2024] '],
    ['dmesg --decode', 'kern  :warn  : [   12.345678] '],
    ['the journal', 'Jan 01 00:00:00 host kernel: '],
    ['syslog', '2024-01-01T00:00:00.123456+00:00 host kernel: [   12.345678] '],
    ['a quoted mail', '> > '],
  ])('reads the same from a log of %s', async (_, prefix) => {
    const bare = text('07-xfs-dax-ilock-gfpkernel.txt')
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .map((line) => line.replace(/^\[ *\d+\.\d+\] /, ''));
    const whole = await readSplats(bare);
    const { reports } = await readSplats(bare.map((line) => `${prefix}${line}\r`));
    expect(reports.map(({ timestamp: _stamp, ...report }) => report)).toEqual(whole.reports);
    expect(whole.reports[0]!.missing).toEqual([]);
  });

  it('reads the ends of a report about interrupts', async () => {
    const { reports } = await readSplats([
      'WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected',
      '6.12.0+ #4 Not tainted',
      'charon/1337 [HC0[0]:SC0[4]:HE1:SE0] is trying to acquire:',
      'ffff88810f365020 (&xa->xa_lock#24){+.+.}-{3:3}, at: lab_del+0xca/0x1e0 [lab]',
      '',
      'and this task is already holding:',
      'ffff88813e0f0d48 (&x->lock){+.-.}-{3:3}, at: lab_state_delete+0x16/0x30',
      'stack backtrace:',
      ' lab_del+0xca/0x1e0 [lab]',
    ]);
    expect(reports[0]).toMatchObject({ kind: 'irq-order', task: { pid: 1337 }, missing: [] });
    expect(edgesOf(reports[0]!).map(({ from, to }) => [from, to])).toEqual([['&x->lock', '&xa->xa_lock#24']]);
  });

  it('reads a report wherever it is cut, and says so', () => {
    const lines = text('07-xfs-dax-ilock-gfpkernel.txt').split('\n');
    for (let length = 5; length < lines.length - 40; length++) {
      const reader = new SplatReader();
      for (const line of lines.slice(0, length)) reader.push(line);
      expect(reader.finish().reports[0]!.missing).not.toEqual([]);
    }
  });

  it.each([
    ['nothing', []],
    ['an empty line', ['']],
    ['other text', ['hello', 'world']],
    ['bytes', ['\u0000\u0001\uFFFD', '(((((){{{{', '-> #1 (']],
  ])('refuses %s', async (_, lines) => {
    await expect(readSplats(lines)).rejects.toMatchObject({ code: 'FAULTPATH_NOT_LOCKDEP_TEXT' });
  });

  it('bounds huge lines and hostile ones', async () => {
    const hostile = ['(', ')', '{', '> ', '[', '1', 'a', '-> #1 (', '> > [ 1.000000] '].map((part) =>
      part.repeat(500_000),
    );
    const lines = ['WARNING: possible circular locking dependency detected', ...hostile, ...hostile];
    const { reports } = await readSplats(lines);
    expect(reports[0]!.chain).toEqual([]);
  });
});

describe('answerSplat', () => {
  const answer = async (name: string) => answerSplat((await read(name)).reports[0]!, { models: [xfs] });

  it('says which edges the models know', async () => {
    const { edges: answered, allKnown } = await answer('07-xfs-dax-ilock-gfpkernel.txt');
    expect(answered.map(({ edge, known }) => [edge.from, edge.to, edge.mode, known.map(({ model }) => model)])).toEqual(
      [
        ['fs_reclaim', '&xfs_nondir_ilock_class', 'shared', ['xfs v6.1']],
        ['&xfs_nondir_ilock_class', 'fs_reclaim', 'exclusive', []],
      ],
    );
    expect(allKnown).toBe(false);
  });

  it.each([
    '07-xfs-dax-ilock-gfpkernel.txt',
    '03b-xfs-dax-kmalloc+evict-inval.txt',
    '09-xfs-dax-trans-no-nofs.txt',
    'reclaim-fs-4.5.txt',
  ])('calls %s infeasible: a referenced inode against a dying one', async (name) => {
    const { feasibility } = await answer(name);
    expect(feasibility.verdict).toBe('infeasible');
  });

  it('leaves a lock of no inode undecided', async () => {
    expect((await answer('14-shrinker-mutex.txt')).feasibility.verdict).toBe('undecided');
  });

  it('believes a model that explored the cycle', async () => {
    const { reports } = await read('14-shrinker-mutex.txt');
    const model: SplatModel = { ...xfs, judge: () => ({ verdict: 'witnessed', schedule: 'v1:0.1' }) };
    expect(answerSplat(reports[0]!, { models: [model] }).feasibility).toEqual({
      verdict: 'witnessed',
      schedule: 'v1:0.1',
    });
  });

  it('does not take silence for proof, and lets the models speak', async () => {
    const reading = await read('11b-ext4-dax-nonofs-kmalloc-lazytime.txt');
    const { notes, remarks } = answerSilence(reading, { models: [xfs] });
    expect(notes).toHaveLength(2);
    expect(remarks.at(-1)).toBe('about 2 notes');
    expect(
      renderSilence({ notes, remarks })
        .split('\n')
        .filter((line) => line.startsWith('# ')),
    ).toHaveLength(2);
  });
});

describe('graphModel', () => {
  const ilock = { kind: 'rwsem', backtrace: ['xfs_ilock', 'xfs_can_free_eofblocks'] } as const;
  const model = (): SplatModel => {
    const graph = new ClassGraph();
    const tracker = new TaskTracker();
    const source = script()
      .task('dax')
      .take('ilock', ilock)
      .alloc(GFP_KERNEL, { site: 'xfs_direct_write_iomap_begin' });
    source.drop('ilock').task('kswapd').reclaim('kswapd').read('ilock', ilock);
    for (const event of source.events) {
      graph.onEvent(event, tracker.context(event.task));
      tracker.apply(event);
    }
    const names: Readonly<Record<string, string>> = { fs_reclaim: 'fs_reclaim', '&xfs_nondir_ilock_class': 'ilock' };
    return graphModel({ name: 'lab', graph, classOf: (printed) => names[printed] });
  };

  it('knows the edges of its graph and who made them, and judges the cycle', async () => {
    const { reports } = await read('07-xfs-dax-ilock-gfpkernel.txt');
    const answer = answerSplat(reports[0]!, { models: [model()] });
    expect(answer.edges.map(({ known }) => known[0]!.functions)).toEqual([
      ['xfs_ilock'],
      ['xfs_direct_write_iomap_begin'],
    ]);
    expect(answer.allKnown).toBe(true);
    expect(answer.feasibility.verdict).toBe('undecided');
    expect(renderSplatAnswer(answer)).toContain('known to lab: xfs_direct_write_iomap_begin');
  });

  it('has no say where an edge is unknown to it', async () => {
    const { reports } = await read('14-shrinker-mutex.txt');
    const answer = answerSplat(reports[0]!, { models: [model()] });
    expect(answer.allKnown).toBe(false);
    expect(answer.feasibility.verdict).toBe('undecided');
    expect(renderSplatAnswer(answer)).toContain('known to no model');
  });
});
