import { kernelFunction } from '@faultpath/engine';
import { describe, expect, test } from 'vitest';
import { defineFilesystem, FilesystemError, IOMAP, type Machine, VM_FAULT, type VmFault } from '../src/index.ts';

const fault = kernelFunction('tiny_fault', function* (_env: Machine, _vmf: VmFault) {
  return VM_FAULT.NOPAGE;
});
const begin = kernelFunction('tiny_iomap_begin', function* (_env: Machine, _vmf: VmFault) {
  return IOMAP.HOLE;
});

const tiny = {
  name: 'tiny',
  interfaceVersion: 1,
  locks: {
    outer: { kind: 'rwsem', scope: 'inode' },
    inner: { kind: 'mutex', scope: 'inode' },
  },
  lockOrder: [['outer', 'inner']],
  mappingGfp: null,
  supports: { eras: ['v6.1'], dax: true, transactions: false, sync_faults: false },
  vm_ops: { fault },
  iomap_ops: { iomap_begin: begin },
  s_op: {},
  f_op: {},
  reclaim: { kinds: {} },
  invalidateLock: () => 'invalidate_lock',
  mount: () => null,
  setupInode: () => null,
  threads: [],
} as const;

function refusal(change: object): Pick<FilesystemError, 'code' | 'field'> {
  try {
    // What somebody writes in plain JavaScript, where no compiler helps.
    defineFilesystem({ ...tiny, ...change } as unknown as Parameters<typeof defineFilesystem>[0]);
  } catch (error) {
    if (error instanceof FilesystemError) return { code: error.code, field: error.field };
    throw error;
  }
  throw new Error('it was accepted');
}

describe('defineFilesystem', () => {
  test('takes a complete adapter and freezes it', () => {
    const fs = defineFilesystem(tiny);
    expect(Object.isFrozen(fs)).toBe(true);
    expect(fs.name).toBe('tiny');
  });

  test('takes one derived by spreading another', () => {
    const fs = defineFilesystem({ ...defineFilesystem(tiny), name: 'tinier' });
    expect(fs.vm_ops.fault).toBe(fault);
  });

  test('a lock misspelt in lockOrder does not compile, and is refused at run time', () => {
    expect(() =>
      defineFilesystem({
        ...tiny,
        locks: { outer: { kind: 'rwsem', scope: 'inode' }, inner: { kind: 'mutex', scope: 'inode' } },
        // @ts-expect-error
        lockOrder: [['outer', 'iner']],
      }),
    ).toThrow(FilesystemError);
    expect(refusal({ lockOrder: [['outer', 'iner']] })).toEqual({ code: 'FS_LOCK_UNKNOWN', field: 'lockOrder[0][1]' });
  });

  test('the core has locks that an order names and nobody declares', () => {
    const lockOrder = [['mmap_lock', 'outer', 'dax_entry', 'inner']] as const;
    expect(defineFilesystem({ ...tiny, lockOrder }).lockOrder).toEqual(lockOrder);
    expect(Object.keys(defineFilesystem(tiny).locks)).toEqual(['outer', 'inner']);
  });

  test.each([
    ['another version', { interfaceVersion: 2 }, 'FS_INTERFACE_VERSION', 'interfaceVersion'],
    ['no name', { name: 'Tiny FS' }, 'FS_NAME', 'name'],
    ['nothing said of the mapping mask', { mappingGfp: undefined }, 'FS_FIELD_MISSING', 'mappingGfp'],
    ['a field that there is not', { s_opp: {} }, 'FS_FIELD_UNKNOWN', 's_opp'],
    ['a handler that nobody would call', { s_op: { evict_inodes: fault } }, 'FS_FIELD_UNKNOWN', 's_op.evict_inodes'],
    ['a bare handler', { f_op: { truncate: true } }, 'FS_FIELD_TYPE', 'f_op.truncate'],
    ['a flag that is a word', { supports: { ...tiny.supports, dax: 'yes' } }, 'FS_FIELD_TYPE', 'supports.dax'],
    ['a flag that there is not', { supports: { ...tiny.supports, daks: true } }, 'FS_FIELD_UNKNOWN', 'supports.daks'],
    ['a chain that is none', { lockOrder: ['outer', 'inner'] }, 'FS_FIELD_TYPE', 'lockOrder[0]'],
    [
      'a kind of lock that there is not',
      { locks: { ...tiny.locks, outer: { kind: 'rwsemm', scope: 'inode' } } },
      'FS_FIELD_TYPE',
      'locks.outer.kind',
    ],
    [
      'a scope that there is not',
      { locks: { ...tiny.locks, outer: { kind: 'rwsem', scope: 'universe' } } },
      'FS_FIELD_TYPE',
      'locks.outer.scope',
    ],
    ['a mask in place of a policy', { mappingGfp: '__GFP_FS' }, 'FS_FIELD_TYPE', 'mappingGfp'],
    [
      'a flag of no release',
      { mappingGfp: { without: '__GFP_FSS', at: 'x', because: 'y' } },
      'FS_FIELD_TYPE',
      'mappingGfp.without',
    ],
    [
      'reclaim by a way that there is not',
      { reclaim: { kinds: { linked: { via: 'magic', frequency: 'rare', eras: ['v6.1'], because: 'x' } } } },
      'FS_FIELD_TYPE',
      'reclaim.kinds.linked.via',
    ],
    [
      'a frequency that there is not',
      { reclaim: { kinds: { linked: { via: 'shrinker', frequency: 'often', eras: ['v6.1'], because: 'x' } } } },
      'FS_FIELD_TYPE',
      'reclaim.kinds.linked.frequency',
    ],
    ['a thread without a start', { threads: [{ name: 'x' }] }, 'FS_FIELD_TYPE', 'threads[0]'],
    ['nothing said of reclaim', { reclaim: undefined }, 'FS_FIELD_MISSING', 'reclaim'],
    ['no fault handler', { vm_ops: {} }, 'FS_FIELD_TYPE', 'vm_ops.fault'],
    ['an era that there is not', { supports: { ...tiny.supports, eras: ['v5.0'] } }, 'FS_ERA_UNKNOWN', 'supports.eras'],
    [
      'a mask for a kind of inode that there is not',
      { mappingGfpByKind: { socket: [] } },
      'FS_INODE_KIND',
      'mappingGfpByKind.socket',
    ],
    [
      'a mask for an era that there is not',
      { mappingGfpByKind: { symlink: [{ without: '', at: 'a', because: 'b', eras: ['v5.0'] }] } },
      'FS_ERA_UNKNOWN',
      'mappingGfpByKind.symlink[0].eras',
    ],
    [
      'a mask without a reason',
      { mappingGfpByKind: { symlink: [{ without: '__GFP_FS', at: 'a', eras: ['v6.1'] }] } },
      'FS_FIELD_TYPE',
      'mappingGfpByKind.symlink[0]',
    ],
    ['a lock without a place', { lockOrder: [['outer']] }, 'FS_LOCK_UNORDERED', 'locks.inner'],
    [
      'an order that goes round',
      {
        lockOrder: [
          ['outer', 'inner'],
          ['inner', 'outer'],
        ],
      },
      'FS_LOCK_CYCLE',
      'lockOrder',
    ],
  ])('refuses %s', (_what, change, code, field) => {
    expect(refusal(change)).toEqual({ code, field });
  });
});
