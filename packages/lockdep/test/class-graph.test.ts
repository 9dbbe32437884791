import { describe, expect, it } from 'vitest';
import {
  ClassGraph,
  type ClassGraphOptions,
  FS_RECLAIM,
  IO_RECLAIM,
  MMU_NOTIFIER,
  TaskTracker,
  type Theory,
} from '../src/index.ts';
import { GFP_KERNEL, GFP_NOFS, GFP_NOIO, GFP_NOLOCKDEP, GFP_NOWAIT, type Script, script } from './events.ts';

function graphOf(source: Script, options: ClassGraphOptions = {}): ClassGraph {
  const graph = new ClassGraph({ mmuNotifier: false, ...options });
  const tracker = new TaskTracker();
  for (const event of source.events) {
    graph.onEvent(event, tracker.context(event.task));
    tracker.apply(event);
  }
  return graph;
}

function edges(source: Script, options: ClassGraphOptions = {}): string[] {
  return [...graphOf(source, options).edges()].map(({ from, to }) => `${from.id} -> ${to.id}`).sort();
}

const both: readonly Theory[] = ['kernel', 'faultpath'];

describe('edges between locks', () => {
  it('go from everything held, or in the kernel from the newest', () => {
    const source = script().take('A').take('B').take('C');
    expect(edges(source)).toEqual(['A -> B', 'A -> C', 'B -> C']);
    expect(edges(source, { theory: 'kernel' })).toEqual(['A -> B', 'B -> C']);
  });

  it.each(both)('never go into a trylock, but out of one (%s)', (theory) => {
    const source = script().take('A').take('B', { trylock: true }).take('C');
    expect(edges(source, { theory })).toEqual(['A -> C', 'B -> C']);
  });

  it('keep nesting subclasses apart', () => {
    const source = script().take('inode', { instance: '1' }).take('inode', { instance: '2', subclass: 1 });
    expect(edges(source)).toEqual(['inode -> inode/1']);
    expect(graphOf(source).cycles).toHaveLength(0);
  });

  it('keep their first evidence, and one more for each new way', () => {
    const source = script()
      .take('A')
      .take('B')
      .drop('B', 'A')
      .take('A')
      .take('B')
      .drop('B', 'A')
      .take('G')
      .take('A')
      .take('B');
    const edge = graphOf(source).edge('A', 'B')!;
    expect(edge.evidence.map(({ held }) => held.map(({ lock }) => lock))).toEqual([['A'], ['G', 'A']]);
  });

  it('remember every task that did the same', () => {
    const source = script();
    for (const task of ['a', 'b', 'a', 'c']) source.task(task).take('A').take('B').drop('B', 'A');
    expect([...graphOf(source).edge('A', 'B')!.evidence[0]!.tasks]).toEqual(['a', 'b', 'c']);
  });

  it('tell a watch what is new, and who did what is known', () => {
    const source = script();
    for (const task of ['a', 'b', 'c']) source.task(task).take('A').take('B').drop('B', 'A');
    let news = 0;
    const noted: string[] = [];
    const watch = { news: () => (news += 1), noted: (task: string) => noted.push(task) };
    const graph = graphOf(source, { watch });
    // A alone, and B behind A; then the other two do the same.
    expect(news).toBe(2);
    expect(noted).toEqual(['b', 'b', 'c', 'c']);
    expect([...graph.edge('A', 'B')!.evidence[0]!.tasks]).toEqual(['a', 'b']);
  });
});

describe('strong cycles', () => {
  const cycles = (source: Script): number => graphOf(source).cycles.length;

  it('are closed by shared holders when somebody may wait between them', () => {
    expect(cycles(script().read('A').read('B').drop('B', 'A').read('B').read('A'))).toBe(1);
  });

  it('are not closed where a recursive reader meets a shared holder', () => {
    expect(cycles(script().read('A').readAgain('B').drop('B', 'A').readAgain('B').readAgain('A'))).toBe(0);
    expect(cycles(script().read('A').readAgain('B').drop('B', 'A').take('B').take('A'))).toBe(1);
  });

  it('include the recursion of one class', () => {
    expect(cycles(script().take('A').take('A', { instance: 'other' }))).toBe(1);
    expect(cycles(script().readAgain('A').readAgain('A'))).toBe(0);
    expect(cycles(script().read('A').read('A'))).toBe(1);
  });

  it('do not include two folios taken in index order', () => {
    const folio = { kind: 'folio' } as const;
    expect(
      cycles(
        script()
          .take('folio', { ...folio, instance: '1' })
          .take('folio', { ...folio, instance: '2' }),
      ),
    ).toBe(0);
    expect(cycles(script().take('folio', folio).want('folio', folio))).toBe(1);
  });

  it('are found through an edge that closed an earlier one', () => {
    const source = script().take('A').take('B').drop('B', 'A').take('B').take('A').drop('A', 'B');
    source.take('B').take('C').drop('C', 'B').take('C').take('A');
    expect(graphOf(source).cycles.map(({ key }) => key)).toEqual(['A -> B', 'A -> B -> C']);
  });

  it('can all be listed', () => {
    const source = script()
      .take('A')
      .take('B')
      .drop('B', 'A')
      .take('A')
      .take('C')
      .take('B')
      .drop('B', 'C', 'A')
      .take('B')
      .take('A');
    const graph = graphOf(source);
    const edge = graph.edge('B', 'A')!;
    expect(graph.cyclesThrough(edge, 'EN').map(({ key }) => key)).toEqual(['A -> B', 'A -> C -> B']);
  });
});

describe('reclaim', () => {
  it('is entered by allocations that may enter a filesystem', () => {
    const source = (mask = GFP_KERNEL): Script => script().take('A').alloc(mask);
    expect(edges(source(), { theory: 'kernel' })).toEqual(['A -> fs_reclaim']);
    expect(edges(source())).toEqual(['A -> fs_reclaim', 'A -> io_reclaim']);
    expect(edges(source(GFP_NOFS), { theory: 'kernel' })).toEqual([]);
    expect(edges(source(GFP_NOFS))).toEqual(['A -> io_reclaim']);
    expect(edges(source(GFP_NOIO))).toEqual([]);
    expect(edges(source(GFP_NOWAIT))).toEqual([]);
  });

  it('has the mmu-notifier map behind every allocation that may reclaim', () => {
    const options = { theory: 'kernel', mmuNotifier: true } as const;
    expect(edges(script().take('A').alloc(GFP_NOIO), options)).toEqual([`A -> ${MMU_NOTIFIER}`]);
    expect(edges(script().take('A').alloc(GFP_KERNEL), options)).toEqual([
      `A -> ${FS_RECLAIM}`,
      `${FS_RECLAIM} -> ${MMU_NOTIFIER}`,
    ]);
    expect(edges(script().take('A').alloc(GFP_NOWAIT), options)).toEqual([]);
  });

  it('closes no cycle through the mmu-notifier map unless a notifier is seen to hold it', () => {
    const allocated = () =>
      script().task('a').take('A').alloc(GFP_NOIO).drop('A').task('b').take('B').alloc(GFP_KERNEL);
    const cycles = (source: Script) =>
      graphOf(source, { mmuNotifier: true }).cycles.map((cycle) => cycle.edges.map(({ edge }) => edge.from.id).sort());
    // A kernel without notifiers has no such event, so the map is a dead end of its graph.
    expect(cycles(allocated().task('c').take('A'))).toEqual([]);
    expect(cycles(allocated().task('c').take(MMU_NOTIFIER, { kind: 'pseudo' }).take('A'))).toEqual([
      ['A', MMU_NOTIFIER],
    ]);
  });

  it('makes no edge under PF_MEMALLOC or with __GFP_NOLOCKDEP, but shows the latter', () => {
    expect(edges(script().take('A').scope('MEMALLOC').alloc(GFP_KERNEL))).toEqual([]);
    expect(edges(script().reclaim('direct').take('A').alloc(GFP_KERNEL))).toEqual(['fs_reclaim -> A']);
    const silenced = graphOf(script().take('A').alloc(GFP_NOLOCKDEP));
    expect([...silenced.edges()]).toEqual([]);
    expect(silenced.suppressed.map(({ from }) => from.id)).toEqual(['A']);
  });

  it('has edges to what is taken inside, by level', () => {
    expect(edges(script().reclaim('kswapd').take('A').take('B'))).toEqual([
      'A -> B',
      'fs_reclaim -> A',
      'fs_reclaim -> B',
    ]);
    expect(edges(script().reclaim('direct', GFP_NOFS).take('A'))).toEqual([`${IO_RECLAIM} -> A`]);
    expect(edges(script().reclaim('direct', GFP_NOFS).take('A'), { theory: 'kernel' })).toEqual([]);
  });

  it('ties what was held before to reclaim, not to what is taken inside', () => {
    const source = script().take('A').reclaim('direct').take('B');
    expect(edges(source)).toEqual(['A -> fs_reclaim', 'fs_reclaim -> B']);
    expect(edges(source, { theory: 'kernel' })).toEqual(['A -> fs_reclaim', 'fs_reclaim -> B']);
  });

  it.each(['memcg', 'drop_caches', 'shrinker'] as const)(
    'of %s is not seen by the kernel, and the edge says why',
    (via) => {
      const source = script().reclaim(via).take('A');
      expect(edges(source, { theory: 'kernel' })).toEqual([]);
      expect(graphOf(source).edge('fs_reclaim', 'A')!.evidence[0]!.beyondKernel).toBeTypeOf('string');
    },
  );

  it('is not tied to what holds drop_caches up', () => {
    expect(edges(script().take('sysctl').reclaim('drop_caches').take('A'))).toEqual(['fs_reclaim -> A']);
  });
});

describe('waits that are no locks', () => {
  it('are edges here and nothing to the kernel', () => {
    const source = script().take('A').wait('jbd2_commit', 'commit').take('folio', { kind: 'folio' });
    expect(edges(source)).toEqual(['A -> folio', 'A -> jbd2_commit']);
    expect(edges(source, { theory: 'kernel' })).toEqual([]);
  });

  it('include the start of a handle, which the kernel takes as a trylock', () => {
    const source = script().take('A').read('jbd2_handle', { kind: 'handle', trylock: true }).take('B');
    expect(edges(source)).toEqual(['A -> B', 'A -> jbd2_handle', 'jbd2_handle -> B']);
    expect(edges(source, { theory: 'kernel' })).toEqual(['A -> B', 'jbd2_handle -> B']);
  });
});

describe('assumed edges', () => {
  const [A, B] = ['A', 'B'].map((lock) => ({ lock, mode: 'exclusive', kind: 'mutex' }) as const);

  it('close cycles like seen ones', () => {
    const graph = graphOf(script().take('A').take('B'));
    expect(graph.assume({ from: B!, to: A!, because: 'an adapter says so' })).toHaveLength(1);
  });

  it('need a reason', () => {
    const graph = new ClassGraph();
    expect(() => graph.assume({ from: B!, to: A!, because: ' ' })).toThrow(
      expect.objectContaining({ code: 'FAULTPATH_BAD_ASSUMPTION' }),
    );
  });
});
