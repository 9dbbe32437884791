import { describe, expect, it } from 'vitest';
import { judge, type LockContract, lockContract, lockLeaf } from '../src/index.ts';
import { GFP_KERNEL, GFP_NOFS, type Script, script } from './events.ts';

async function fired(source: Script, setup: { readonly contracts?: readonly LockContract[] } = {}): Promise<string[]> {
  const provides = ['locks', 'effective-mask', 'calls', 'leaves'] as const;
  const { findings } = await judge(source.events, { rules: [lockContract, lockLeaf], provides, ...setup });
  return [...new Set(findings.map(({ rule }) => rule))];
}

describe('lock/contract', () => {
  const because = 'a comment says so';
  const contracts = [
    { in: ['f'], holds: ['A'], exclusive: true as const, because },
    { data: 'blocks', holds: ['A', 'NOFS'], because },
  ];

  it('fires in a function, however deep, without its lock', async () => {
    expect(await fired(script().call('g', 'f'), { contracts })).toEqual(['lock/contract']);
    expect(await fired(script().read('A').call('f'), { contracts })).toEqual(['lock/contract']);
    expect(await fired(script().take('A').call('g', 'f'), { contracts })).toEqual([]);
    expect(await fired(script().call('g', 'h'), { contracts })).toEqual([]);
  });

  it('fires where the lock is given back before the function ends', async () => {
    expect(await fired(script().take('A').call('f').drop('A').call('f'), { contracts })).toEqual(['lock/contract']);
  });

  it('says nothing below a function that is left out', async () => {
    const unless = [{ in: ['f'], unless: ['h'], holds: ['A'], because }];
    expect(await fired(script().call('f', 'h'), { contracts: unless })).toEqual([]);
    expect(await fired(script().call('f', 'k'), { contracts: unless })).toEqual(['lock/contract']);
  });

  it('fires on data that is changed without its lock or scope', async () => {
    expect(await fired(script().data('change', 'blocks', 'i1.blocks'), { contracts })).toEqual(['lock/contract']);
    expect(await fired(script().data('read', 'blocks', 'i1.blocks'), { contracts })).toEqual([]);
    expect(await fired(script().scope('NOFS').data('change', 'blocks', 'i1.blocks'), { contracts })).toEqual([]);
    const reads = [{ data: 'blocks', reads: true as const, holds: ['A'], because }];
    expect(await fired(script().data('read', 'blocks', 'i1.blocks'), { contracts: reads })).toEqual(['lock/contract']);
  });

  it('fires in a function with a lock that must not be held', async () => {
    const lacks = [{ in: ['f'], lacks: ['A', 'B'], because }];
    expect(await fired(script().take('B').call('f'), { contracts: lacks })).toEqual(['lock/contract']);
    expect(await fired(script().take('A').drop('A').call('f'), { contracts: lacks })).toEqual([]);
    expect(await fired(script().take('A').call('g'), { contracts: lacks })).toEqual([]);
  });

  it('takes no lock of another inode for it', async () => {
    const lock = { instance: 'i1.A', owner: { object: 'i1', referenced: true } };
    const held = (): Script => script().take('A', lock);
    expect(await fired(held().data('change', 'blocks', 'i1.blocks'), { contracts })).toEqual([]);
    expect(await fired(held().data('change', 'blocks', 'i10.blocks'), { contracts })).toEqual(['lock/contract']);
  });
});

describe('lock/leaf', () => {
  const leaf = { leaf: true } as const;

  it('fires on a lock, a wait or an allocation with FS inside a leaf', async () => {
    expect(await fired(script().take('A', leaf).take('B'))).toEqual(['lock/leaf']);
    expect(await fired(script().take('A', leaf).alloc(GFP_KERNEL))).toEqual(['lock/leaf']);
    expect(await fired(script().take('A', leaf).want('B'))).toEqual(['lock/leaf']);
  });

  it('stays silent inside other locks, and on what cannot wait', async () => {
    expect(await fired(script().take('A').take('B').alloc(GFP_KERNEL))).toEqual([]);
    expect(await fired(script().take('A', leaf).alloc(GFP_NOFS))).toEqual([]);
    expect(await fired(script().take('A', leaf).take('B', { trylock: true }))).toEqual([]);
    expect(await fired(script().take('A', leaf).take('B', leaf))).toEqual([]);
    const dying = { owner: { object: 'i1', referenced: false } };
    expect(await fired(script().take('A', leaf).take('B', dying))).toEqual([]);
  });
});
