import { describe, expect, it } from 'vitest';
import {
  ClassGraph,
  explainCycle,
  explainEdge,
  type FeasibilityOptions,
  judgeFeasibility,
  renderExplanation,
  renderKernelStyle,
  segmentsOf,
  TaskTracker,
} from '../src/index.ts';
import { GFP_KERNEL, type Script, script } from './events.ts';

function graphOf(source: Script, instances = false): ClassGraph {
  const graph = new ClassGraph({ instances, mmuNotifier: false });
  const tracker = new TaskTracker();
  for (const event of source.events) {
    graph.onEvent(event, tracker.context(event.task));
    tracker.apply(event);
  }
  return graph;
}

function verdict(source: Script, options: FeasibilityOptions = {}): string {
  const graph = graphOf(source, options.closedWorld);
  return judgeFeasibility(graph, graph.cycles[0]!, options).verdict;
}

const closed = { closedWorld: true };

function abba(first: (s: Script) => Script = (s) => s, second = first): Script {
  const source = script();
  first(source.task('a')).take('A').take('B').drop('B', 'A', 'G');
  return second(source.task('b')).take('B').take('A').drop('A', 'B', 'G');
}

describe('judgeFeasibility', () => {
  it('leaves a plain inversion undecided until somebody looks', () => {
    expect(verdict(abba(), closed)).toBe('undecided');
    expect(verdict(abba(), { ...closed, witness: () => ({ found: true, schedule: 'v1:0' }) })).toBe('witnessed');
    expect(verdict(abba(), { ...closed, witness: () => ({ found: false, exhausted: true, bounds: '2 tasks' }) })).toBe(
      'infeasible',
    );
    expect(verdict(abba(), { ...closed, witness: () => ({ found: false, exhausted: false, bounds: '2 tasks' }) })).toBe(
      'undecided',
    );
  });

  it('sees a gate lock, but not where one side goes without it', () => {
    const gated = abba((s) => s.take('G'));
    expect(verdict(gated, closed)).toBe('infeasible');
    gated.task('c').take('A').take('B');
    expect(verdict(gated, closed)).toBe('undecided');
  });

  it('trusts a gate in an open world only if there is one of it', () => {
    const gated = abba((s) => s.take('G'));
    expect(verdict(gated)).toBe('undecided');
    expect(verdict(gated, { isGlobal: (lock) => lock === 'G' })).toBe('infeasible');
  });

  it('does not take two shared holders for a gate', () => {
    expect(
      verdict(
        abba((s) => s.read('G')),
        closed,
      ),
    ).toBe('undecided');
    expect(
      verdict(
        abba(
          (s) => s.read('G'),
          (s) => s.take('G'),
        ),
        closed,
      ),
    ).toBe('infeasible');
  });

  it('sees that one task alone does both, in a closed world', () => {
    const alone = script().take('A').take('B').drop('B', 'A').take('B').take('A');
    expect(verdict(alone, closed)).toBe('infeasible');
    expect(verdict(alone)).toBe('undecided');
  });

  it('asks whether two tasks run in parallel', () => {
    expect(verdict(abba(), { ...closed, canRunInParallel: () => false })).toBe('infeasible');
    expect(verdict(abba(), { ...closed, canRunInParallel: () => true })).toBe('undecided');
  });

  it('tells instances and superblocks apart in a closed world', () => {
    const on = (instance: string, superblock: string) => ({ instance, owner: { object: instance, superblock } });
    const two = (x: object, y: object): Script =>
      script().take('A', x).take('B').dropAs('A', 'mutex').drop('B').task('b').take('B').take('A', y);
    expect(verdict(two(on('1', 'sb1'), on('2', 'sb1')), closed)).toBe('infeasible');
    expect(verdict(two(on('1', 'sb1'), on('1', 'sb2')), closed)).toBe('infeasible');
    expect(verdict(two(on('1', 'sb1'), on('1', 'sb1')), closed)).toBe('undecided');
    expect(verdict(two(on('1', 'sb1'), on('2', 'sb2')))).toBe('undecided');
  });

  it('knows that reclaim never takes the lock of a referenced inode', () => {
    const of = (instance: string, referenced: boolean) => ({ instance, owner: { object: instance, referenced } });
    const source = (referenced: boolean): Script =>
      script()
        .take('ilock', of('1', referenced))
        .alloc(GFP_KERNEL)
        .dropAs('ilock', 'mutex', '1')
        .task('kswapd')
        .reclaim('kswapd')
        .take('ilock', of('2', false));
    expect(verdict(source(true))).toBe('infeasible');
    expect(verdict(source(false))).toBe('undecided');
  });

  it('asks for a writer between two readers', () => {
    const readers = script().read('A').read('B').drop('B', 'A').task('b').read('B').read('A').drop('A', 'B');
    expect(verdict(readers, closed)).toBe('infeasible');
    readers.task('c').take('A').drop('A').task('d').take('B');
    expect(verdict(readers, closed)).toBe('undecided');
  });

  it('lets one writer wait at one place only', () => {
    const readers = script().read('A').read('B').drop('B', 'A').task('b').read('B').read('A').drop('A', 'B');
    readers.task('c').take('A').drop('A').take('B');
    expect(verdict(readers, closed)).toBe('infeasible');
  });

  it('lets anybody do what was declared', () => {
    const [A, B] = ['A', 'B'].map((lock) => ({ lock, mode: 'exclusive', kind: 'mutex' }) as const);
    const graph = graphOf(script(), true);
    graph.assume({ from: A!, to: B!, because: 'declared' });
    const [cycle] = graph.assume({ from: B!, to: A!, because: 'declared' });
    expect(judgeFeasibility(graph, cycle!, closed).verdict).toBe('undecided');
  });

  it('gives up as undecided, never as infeasible', () => {
    expect(
      verdict(
        abba((s) => s.take('G')),
        { ...closed, budget: 0 },
      ),
    ).toBe('undecided');
  });
});

describe('explanations', () => {
  const source = (): Script =>
    script()
      .scope('NOIO', 'lab')
      .take('A', { backtrace: ['down', 'lab_write'] })
      .alloc(GFP_KERNEL, { site: 'lab_alloc' })
      .drop('A')
      .task('kswapd')
      .reclaim('kswapd')
      .take('A');

  it('fold both edges of a pseudo-lock into one task', () => {
    const [cycle] = graphOf(source()).cycles;
    expect(cycle!.edges).toHaveLength(2);
    expect(segmentsOf(cycle!)).toHaveLength(1);
  });

  it('tell mask, scopes and held locks of every edge', () => {
    const { edges, kernelReports } = explainCycle(graphOf(source()).cycles[0]!);
    expect(kernelReports).toBe(true);
    expect(edges.map(({ from, to, mask, scopes, held }) => ({ from, to, mask, scopes, held }))).toEqual([
      { from: 'A', to: 'fs_reclaim', mask: 'GFP_KERNEL', scopes: ['NOIO by lab'], held: ['A'] },
      { from: 'fs_reclaim', to: 'A', mask: 'GFP_KERNEL', scopes: [], held: [] },
    ]);
    expect(edges.every(({ text }) => text.length > 0)).toBe(true);
  });

  it('render in two styles', () => {
    const explanation = explainCycle(graphOf(abba()).cycles[0]!);
    const kernel = renderKernelStyle(explanation);
    expect(kernel).toContain('-> #0 (');
    expect(kernel.split('\n').filter((line) => line.includes('lock(A);') || line.includes('lock(B);'))).toHaveLength(4);
    expect(
      renderExplanation(explanation)
        .split('\n')
        .filter((line) => /^\d+\. /.test(line)),
    ).toHaveLength(2);
  });

  it('say where the kernel would stay silent', () => {
    const entry = { kind: 'dax-entry' } as const;
    const [cycle] = graphOf(
      script().take('A').take('e', entry).drop('e', 'A').task('b').take('e', entry).take('A'),
    ).cycles;
    const explanation = explainCycle(cycle!);
    expect(explanation.kernelReports).toBe(false);
    expect(explanation.edges.every(({ beyondKernel }) => beyondKernel !== undefined)).toBe(true);
  });

  it('refuse an edge that nothing explains', () => {
    const { evidence } = graphOf(abba()).cycles[0]!.edges[0]!;
    const { event: _, ...unexplained } = evidence;
    expect(() => explainEdge(unexplained)).toThrow(expect.objectContaining({ code: 'FAULTPATH_UNEXPLAINED_EDGE' }));
  });
});
