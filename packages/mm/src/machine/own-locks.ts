import type { EraName } from '../era.ts';
import { ModelError } from '../errors.ts';
import type { Filesystem, LockDeclaration } from '../filesystem.ts';
import type { Rwsem } from '../locks/rwsem.ts';
import type { Builder } from './builder.ts';
import type { Inode, Victim } from './types.ts';

/** What an inode has where the filesystem sets none up: the locks that it declares for one, by name. */
type OwnLocks = Readonly<Record<string, Rwsem>>;

/** The setup of a filesystem that says none. */
export function ownLockSetup(fs: Filesystem): Required<Pick<Filesystem, 'setupInode' | 'setupVictim'>> {
  return {
    setupInode: (builder: Builder, inode: string) => createOwnLocks(builder, fs, inode),
    setupVictim: (builder: Builder, victim: string) => createOwnLocksOfVictim(builder, fs, victim),
  };
}

/** Makes the declared locks of a file that tasks use. Any of them may be taken exclusively. */
function createOwnLocks(builder: Builder, fs: Filesystem, inode: string): OwnLocks {
  const owner = { object: inode, referenced: true };
  return Object.fromEntries(
    declared(fs, builder.era.name).map(([lock, { kind }]) => [
      lock,
      builder.rwsem(lock, `${inode}.${lock}`, { kind, writers: true, owner }),
    ]),
  );
}

/** The same for an unused inode, with the lock of its mapping: nobody else can want them any more. */
function createOwnLocksOfVictim(builder: Builder, fs: Filesystem, victim: string): OwnLocks {
  const dying = { writers: true, unshared: true, owner: { object: victim, referenced: false } };
  const mapping = fs.invalidateLock(builder.era.name);
  return Object.fromEntries([
    ...declared(fs, builder.era.name).map(([lock, { kind }]) => [
      lock,
      builder.rwsem(lock, `${victim}.${lock}`, { kind, ...dying }),
    ]),
    ['invalidate_lock', builder.rwsem(mapping, `${victim}.${mapping}`, dying)],
  ]);
}

function declared(fs: Filesystem, era: EraName): readonly (readonly [string, LockDeclaration])[] {
  return Object.entries(fs.locks).filter(
    ([name, { kind, scope, eras }]) =>
      scope === 'inode' &&
      (kind === 'rwsem' || kind === 'mutex') &&
      eras?.includes(era) !== false &&
      name !== fs.invalidateLock(era),
  );
}

/**
 * A lock that the core made for an inode because the filesystem has no `setupInode` or `setupVictim`: one of its
 * `locks`, or for an unused inode `invalidate_lock`, under whatever name the era has for it.
 *
 * @throws ModelError `MM_LOCK_UNKNOWN` for a name that is not declared for inodes in this era
 */
export function ownLock({ name, i_private }: Inode | Victim, lock: string): Rwsem {
  const made = (i_private ?? {}) as OwnLocks;
  const found = Object.hasOwn(made, lock) ? made[lock] : undefined;
  if (found !== undefined) return found;
  const known = Object.keys(made).join(', ');
  throw new ModelError('MM_LOCK_UNKNOWN', lock, `the core made no such lock for ${name}; it made: ${known || 'none'}`);
}
