import { expect, test } from 'vitest';
import { faultAutomata, type RecordedFault } from '../src/index.ts';

const provide = faultAutomata();
const fault = (fs: string, rest: Partial<RecordedFault> = {}): RecordedFault => ({
  fs,
  route: 'page',
  access: 'read',
  sync: false,
  kernel: '6.1',
  lockdep: false,
  ...rest,
});

test('the page cache of xfs and ext4 has models', () => {
  for (const fs of ['xfs', 'ext4'])
    expect(provide(fault(fs))).toMatchObject({ model: `${fs} v6.1: page-cache read fault` });
});

test('filesystems that are modelled in summary, or not at all, have none, each with its reason', () => {
  const reasons = ['f2fs', 'nilfs2', 'ext2', 'btrfs'].map((fs) => provide(fault(fs)));
  expect(reasons.every((each) => 'notrun' in each)).toBe(true);
  expect(new Set(reasons.map((each) => JSON.stringify(each))).size).toBe(4);
  expect(provide(fault('ext2', { route: 'dax' }))).toHaveProperty('automaton');
});

test('a write through the page cache may be a copy: both are in its automaton', () => {
  const pages = provide(fault('xfs', { access: 'write' }));
  expect('automaton' in pages && pages.automaton.start.edges).toHaveLength(2);
});

test('the era is that of the series, or the nearest one, which is said', () => {
  const of = (kernel: string) => {
    const { model, insteadOf } = provide(fault('ext4', { kernel, route: 'dax' })) as Partial<Record<string, string>>;
    return [model?.split(/[ :]/)[1], insteadOf?.split(',')[0]];
  };
  expect(of('6.1')).toEqual(['v6.1', undefined]);
  expect(of('5.10')).toEqual(['v5.15', '5.10']);
  expect(of('5.4')).toEqual(['v5.15', '5.4']);
  expect(of('4.14')).toEqual(['v4.12', '4.14']);
  expect(of('6.8')).toEqual(['v6.12', '6.8']);
  expect(of('7.2')).toEqual(['v6.12', '7.2']);
  expect(provide(fault('ext4', { kernel: '3.10' }))).toHaveProperty('notrun');
});
