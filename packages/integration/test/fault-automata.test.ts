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
