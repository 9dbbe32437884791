import { kernelFunction } from '@faultpath/engine';
import { sb_end_write, sb_start_write } from '../locks/freeze.ts';
import { down_write, up_write } from '../locks/rwsem.ts';
import type { Inode, Machine } from '../machine/types.ts';

/**
 * Gets a directory ready for a new entry.
 *
 * @kernel fs/namei.c filename_create v6.1
 * @locks returns with sb_writers held shared and the directory's i_rwsem exclusively
 * @omits the walk to the directory, and the look-up of the name
 */
export const filename_create = kernelFunction('filename_create', function* (_env: Machine, dir: Inode) {
  yield sb_start_write(dir.i_sb);
  yield down_write(dir.i_rwsem);
  return 0;
});

/**
 * Ends the change of a directory.
 *
 * @kernel fs/namei.c done_path_create v6.1
 * @locks releases the directory's i_rwsem and sb_writers
 * @omits dentries
 */
export const done_path_create = kernelFunction('done_path_create', function* (_env: Machine, dir: Inode) {
  yield up_write(dir.i_rwsem);
  yield sb_end_write(dir.i_sb);
  return 0;
});

/**
 * Makes a file by opening it.
 *
 * @kernel fs/namei.c open_last_lookups v6.1
 * @locks takes and releases sb_writers shared and the directory's i_rwsem exclusively
 * @omits opening what is there
 */
export const open_last_lookups = kernelFunction(
  'open_last_lookups',
  function* (env: Machine, dir: Inode, inode: Inode) {
    const create = dir.i_sb.fs.i_op?.create;
    yield* filename_create(env, dir);
    if (create !== undefined) yield* create(env, dir, inode);
    yield* done_path_create(env, dir);
    return 0;
  },
);

/**
 * Makes a directory.
 *
 * @kernel fs/namei.c do_mkdirat v6.1
 * @locks as filename_create, released on return
 * @omits permissions
 */
export const do_mkdirat = kernelFunction('do_mkdirat', function* (env: Machine, dir: Inode, inode: Inode) {
  const mkdir = dir.i_sb.fs.i_op?.mkdir;
  yield* filename_create(env, dir);
  if (mkdir !== undefined) yield* mkdir(env, dir, inode);
  yield* done_path_create(env, dir);
  return 0;
});

/**
 * Makes a symbolic link.
 *
 * @kernel fs/namei.c do_symlinkat v6.1
 * @locks as filename_create, released on return
 * @omits permissions
 */
export const do_symlinkat = kernelFunction('do_symlinkat', function* (env: Machine, dir: Inode, inode: Inode) {
  const symlink = dir.i_sb.fs.i_op?.symlink;
  yield* filename_create(env, dir);
  if (symlink !== undefined) yield* symlink(env, dir, inode);
  yield* done_path_create(env, dir);
  return 0;
});

/** The system call of each kind of task. */
export const createEntry = Object.freeze({ create: open_last_lookups, mkdir: do_mkdirat, symlink: do_symlinkat });
