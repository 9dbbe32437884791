import { expect, test } from 'vitest';
import { createMachine, defineFilesystem, type EraName, type Inode, ModelError, ownLock } from '../src/index.ts';
import { tiny } from './support.ts';

const { mount: _mount, setupInode: _setupInode, threads: _threads, ...said } = tiny;
const definition = {
  ...said,
  locks: {
    old_sem: { kind: 'rwsem', scope: 'inode', eras: ['v4.9'] },
    block_mutex: { kind: 'mutex', scope: 'inode' },
    mount_mutex: { kind: 'mutex', scope: 'superblock' },
    own_handle: { kind: 'handle', scope: 'inode' },
  },
  lockOrder: [['old_sem', 'block_mutex', 'mount_mutex', 'own_handle']],
  invalidateLock: (era: EraName) => (era === 'v4.9' ? 'old_sem' : 'invalidate_lock'),
} as const;

function machineOf(fs: Parameters<typeof createMachine>[0]['mounts'][0]['fs'], era: EraName) {
  return createMachine({
    era,
    policy: 'as-released',
    mounts: [{ name: 'tiny', fs, options: { lazytime: false, stale_times: true } }],
    tasks: [{ kind: 'truncate', inode: 0, fs: 'tiny', again: false }],
    victims: [{ kind: 'linked', fs: 'tiny', supply: 'any' }],
    blocks: 'hole',
    allocationFailure: false,
    throttling: false,
    changes: [],
  });
}

const refusal = (act: () => unknown): string | undefined => {
  try {
    act();
  } catch (error) {
    if (error instanceof ModelError) return error.code;
    throw error;
  }
  return undefined;
};

test('a filesystem that sets nothing up has the locks that it declares for inodes, and no others', () => {
  const fs = defineFilesystem(definition);
  expect(fs.threads).toEqual([]);
  const { env, inodes } = machineOf(fs, 'v6.1');
  const inode = inodes.get('tiny/inode0') as Inode;
  expect(ownLock(inode, 'block_mutex')).toMatchObject({
    lock: 'block_mutex',
    instance: 'tiny/inode0.block_mutex',
    kind: 'mutex',
    owner: { object: 'tiny/inode0', referenced: true },
  });
  const [victim] = env.victims;
  if (victim === undefined) throw new Error('there is an unused inode');
  expect(ownLock(victim, 'block_mutex')).toMatchObject({ unshared: true, owner: { referenced: false } });
  expect(ownLock(victim, 'invalidate_lock').lock).toBe('invalidate_lock');
  for (const lock of ['old_sem', 'mount_mutex', 'own_handle', 'invalidate_lock', 'toString'])
    expect([lock, refusal(() => ownLock(inode, lock))]).toEqual([lock, 'MM_LOCK_UNKNOWN']);
});

test("the mapping's lock of an unused inode has the name of the era, and the mapping of a file makes its own", () => {
  const { env, inodes } = machineOf(defineFilesystem(definition), 'v4.9');
  const inode = inodes.get('tiny/inode0') as Inode;
  expect(inode.i_mapping.invalidate_lock.lock).toBe('old_sem');
  expect(refusal(() => ownLock(inode, 'old_sem'))).toBe('MM_LOCK_UNKNOWN');
  const [victim] = env.victims;
  expect(victim && ownLock(victim, 'invalidate_lock').lock).toBe('old_sem');
});

test('a filesystem with a setup of its own has only what that makes', () => {
  const fs = defineFilesystem({ ...definition, setupInode: () => null });
  const { env, inodes } = machineOf(fs, 'v6.1');
  expect(refusal(() => ownLock(inodes.get('tiny/inode0') as Inode, 'block_mutex'))).toBe('MM_LOCK_UNKNOWN');
  const [victim] = env.victims;
  expect(refusal(() => victim && ownLock(victim, 'block_mutex'))).toBe('MM_LOCK_UNKNOWN');
});
