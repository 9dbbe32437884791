import type { AllocEvent, FaultpathEvent, LockEvent, MaskFact, ValidationVocabulary } from '@faultpath/lockdep';
import { describe, expect, test } from 'vitest';
import { type AutomatonState, type FaultAutomaton, validateFault } from '../src/index.ts';

const mask = (text: string, how: MaskFact['how'] = 'recorded'): MaskFact => ({
  how,
  text,
  fs: text.includes('GFP_KERNEL'),
  io: !text.includes('GFP_ATOMIC'),
  directReclaim: !text.includes('GFP_ATOMIC'),
  nolockdep: false,
});

const lock = (name: string, action: LockEvent['action'], mode: LockEvent['mode'] = 'shared'): LockEvent => ({
  type: 'lock',
  task: 't-1',
  action,
  lock: name,
  instance: '0x1',
  mode,
  kind: 'rwsem',
});

const kmem = (site: string, text: string): AllocEvent => ({
  type: 'alloc',
  task: 't-1',
  site,
  requested: mask(text),
  effective: mask(text, 'derived'),
});

const page = (site: string, text: string): AllocEvent => ({
  type: 'alloc',
  task: 't-1',
  site,
  requested: { how: 'unknown' },
  effective: mask(text),
  order: 0,
});

/** An automaton that makes these steps one after the other, each by a function of its own. */
function line(...events: readonly unknown[]): FaultAutomaton {
  let state: AutomatonState = { status: 'done', backtrace: [], edges: [] };
  for (const [index, event] of [...events.entries()].reverse()) {
    const to = state;
    state = { status: 'running', backtrace: [`f${index}`], edges: [{ alternative: { event }, to, passed: [] }] };
  }
  return { start: state, passed: [] };
}

const vocabulary: ValidationVocabulary = {
  name: 'test',
  away: [
    { what: 'lock', lock: 'spin', because: 'it spins' },
    { what: 'alloc', sleeps: false, because: 'it cannot sleep' },
  ],
  unseen: [{ what: 'lock', lock: 'frozen', on: 'stock', because: 'no event' }],
  sites: { somewhere: ['pte_alloc_one'] },
};

const verdict = (events: readonly FaultpathEvent[], automaton: FaultAutomaton, lockdep = false) =>
  validateFault({ events }, automaton, { vocabularies: [vocabulary], kernel: '6.1', lockdep });

const take = lock('a', 'acquired');
const drop = lock('a', 'release');

describe('validateFault', () => {
  test('accepts a word of the automaton, and refuses one with a step less, more, or another', () => {
    const model = line(take, drop);
    expect(verdict([take, drop], model).verdict).toBe('accepted');
    const less = verdict([take], model);
    expect(less).toMatchObject({ verdict: 'refused', disagreement: { agreed: take, mayEnd: false } });
    expect(less.disagreement?.kernel).toBeUndefined();
    const more = verdict([take, drop, take], model);
    expect(more).toMatchObject({ verdict: 'refused', disagreement: { kernel: take, offered: [], mayEnd: true } });
    const other = verdict([lock('a', 'acquired', 'exclusive'), drop], model);
    expect(other.disagreement?.offered).toEqual([{ event: take, backtrace: ['f0'] }]);
  });

  test('leaves out what a row names, with a count, and nothing else', () => {
    const spin = [lock('spin', 'acquired'), lock('spin', 'release')];
    const accepted = verdict([take, ...spin, drop], line(take, drop));
    expect(accepted).toMatchObject({ verdict: 'accepted', leftOut: [{ what: 'lock spin', count: 2 }] });
    expect(verdict([take, lock('b', 'acquired'), drop], line(take, drop)).verdict).toBe('refused');
  });

  test('does without what the recording cannot show, and wants it where it can', () => {
    const model = line(lock('frozen', 'acquired'), take, drop, lock('frozen', 'release'));
    expect(verdict([take, drop], model).verdict).toBe('accepted');
    expect(verdict([take, drop], model, true).verdict).toBe('refused');
  });

  test('compares masks flag by flag, requested and effective', () => {
    const model = line(kmem('x', 'GFP_NOFS|__GFP_ZERO'));
    expect(verdict([kmem('x', '__GFP_ZERO|GFP_NOFS')], model).verdict).toBe('accepted');
    expect(verdict([kmem('x', 'GFP_KERNEL|__GFP_ZERO')], model).verdict).toBe('refused');
    const scoped = { ...kmem('x', 'GFP_KERNEL|__GFP_ZERO'), effective: mask('GFP_NOFS|__GFP_ZERO', 'derived') };
    expect(verdict([scoped], line(scoped)).verdict).toBe('accepted');
    expect(verdict([scoped], model).verdict).toBe('refused');
  });

  test('takes a name of a recording for each of the sites that it may be', () => {
    const model = line(page('pte_alloc_one', 'GFP_KERNEL'));
    expect(verdict([page('somewhere', 'GFP_KERNEL')], model).verdict).toBe('accepted');
    expect(verdict([page('elsewhere', 'GFP_KERNEL')], model).verdict).toBe('refused');
  });

  test('leaves out an allocation that cannot sleep, but not where the model says that it may', () => {
    const model = line(take, drop);
    expect(verdict([take, kmem('y', 'GFP_ATOMIC'), drop], model).verdict).toBe('accepted');
    expect(verdict([kmem('x', 'GFP_ATOMIC')], line(kmem('x', 'GFP_NOFS'))).disagreement?.odd).toBeDefined();
  });

  test('folds the page of a slab into the allocation it was made for, unless it may do more', () => {
    const model = line(kmem('x', 'GFP_NOFS'));
    expect(verdict([page('x', 'GFP_NOFS|__GFP_NORETRY'), kmem('x', 'GFP_NOFS')], model).verdict).toBe('accepted');
    expect(verdict([page('x', 'GFP_KERNEL|__GFP_NORETRY'), kmem('x', 'GFP_NOFS')], model).verdict).toBe('refused');
    expect(verdict([page('x', 'GFP_NOFS'), kmem('x', 'GFP_NOFS')], model).verdict).toBe('refused');
  });

  test('folds what a slab fills itself with into the object that it is for, unless it may do more', () => {
    const slabs = { ...vocabulary, slab: ['fill'] };
    const model = line(kmem('x', 'GFP_NOFS'));
    const of = (filled: string, vocabularies: readonly ValidationVocabulary[] = [slabs]) => {
      const events = [
        kmem('fill', filled),
        page('unknown', `${filled}|__GFP_NORETRY|__GFP_NOMEMALLOC`),
        kmem('x', 'GFP_NOFS'),
      ];
      return validateFault({ events }, model, { vocabularies, kernel: '6.1', lockdep: false }).verdict;
    };
    expect(of('GFP_NOFS')).toBe('accepted');
    expect(of('GFP_KERNEL')).toBe('refused');
    expect(of('GFP_NOFS', [vocabulary])).toBe('refused');
  });

  test('does not compare what a scope makes of a mask where its record stands behind', () => {
    const early = { ...vocabulary, early: { x: 'the scope is told later' } };
    const model = line({ ...kmem('x', 'GFP_KERNEL'), effective: mask('GFP_NOFS', 'derived') });
    const of = (vocabularies: readonly ValidationVocabulary[], event: AllocEvent) =>
      validateFault({ events: [event] }, model, { vocabularies, kernel: '6.1', lockdep: false }).verdict;
    expect(of([early], kmem('x', 'GFP_KERNEL'))).toBe('accepted');
    expect(of([vocabulary], kmem('x', 'GFP_KERNEL'))).toBe('refused');
    expect(of([early], { ...kmem('x', 'GFP_KERNEL'), effective: mask('GFP_KERNEL') })).toBe('refused');
  });

  test('takes a lock by another name for the one that a row says it is', () => {
    const named = { ...vocabulary, locks: { alias: 'a' } };
    const alias = [lock('alias', 'acquired'), lock('alias', 'release')];
    const verdictOf = (vocabularies: readonly ValidationVocabulary[]) =>
      validateFault({ events: alias }, line(take, drop), { vocabularies, kernel: '6.1', lockdep: false }).verdict;
    expect(verdictOf([named])).toBe('accepted');
    expect(verdictOf([vocabulary])).toBe('refused');
  });

  test('a fault without an end in the recording ends where the model does, and with all that the model wants', () => {
    const [lockMm, unlockMm] = [lock('mmap_lock', 'acquired'), lock('mmap_lock', 'release')];
    const model = line(lockMm, take, drop, unlockMm);
    const behind = [lockMm, take, lock('b', 'acquired')];
    const projection = { vocabularies: [vocabulary], kernel: '6.1', lockdep: false };
    const of = (events: readonly FaultpathEvent[], openEnded?: boolean) =>
      validateFault({ events, ...(openEnded === undefined ? {} : { openEnded }) }, model, projection);
    const whole = [lockMm, take, drop, unlockMm];
    expect(of([...whole, ...behind], true)).toMatchObject({
      verdict: 'accepted',
      compared: 4,
      leftOut: [{ count: 3 }],
    });
    expect(of([...whole, ...behind]).verdict).toBe('refused');
    expect(of([lockMm, take, unlockMm, ...behind], true).verdict).toBe('refused');
    expect(of([lockMm, take], true).verdict).toBe('refused');
  });

  test('holds every mask against what lockdep saw of fs_reclaim', () => {
    const mark = [lock('fs_reclaim', 'acquired', 'exclusive'), lock('fs_reclaim', 'release', 'exclusive')];
    const wide = kmem('x', 'GFP_KERNEL');
    const narrow = kmem('x', 'GFP_NOFS');
    expect(verdict([...mark, wide], line(wide), true).verdict).toBe('accepted');
    expect(verdict([wide], line(wide), true).disagreement?.odd).toBeDefined();
    expect(verdict([narrow], line(narrow), true).verdict).toBe('accepted');
    expect(verdict([...mark, narrow], line(narrow), true).disagreement?.odd).toBeDefined();
    expect(verdict([wide], line(wide)).verdict).toBe('accepted');
    expect(verdict([...mark, ...mark, wide], line(wide), true).disagreement?.odd).toBeDefined();
    const refill = page('x', 'GFP_KERNEL|__GFP_NORETRY');
    expect(verdict([...mark, ...mark, refill, wide], line(wide), true).verdict).toBe('accepted');
  });

  test('follows every way at once: choices that leave no event do not matter until they do', () => {
    const done: AutomatonState = { status: 'done', backtrace: [], edges: [] };
    const end = (event: unknown): AutomatonState => ({
      status: 'running',
      backtrace: [],
      edges: [{ alternative: { event }, to: done, passed: [] }],
    });
    const either: FaultAutomaton = {
      start: {
        status: 'running',
        backtrace: [],
        edges: [
          { alternative: {}, to: end(drop), passed: [{ event: take, backtrace: [] }] },
          { alternative: {}, to: end(lock('b', 'acquired')), passed: [{ event: take, backtrace: [] }] },
          { alternative: {}, error: { code: 'x' }, to: done, passed: [] },
        ],
      },
      passed: [],
    };
    expect(verdict([take, drop], either).verdict).toBe('accepted');
    expect(verdict([take, lock('b', 'acquired')], either).verdict).toBe('accepted');
    expect(verdict([take], either).disagreement?.offered).toHaveLength(2);
    expect(verdict([], either).verdict).toBe('refused');
  });
});
