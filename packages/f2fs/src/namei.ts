import { kernelFunction } from '@faultpath/engine';
import { __alloc_pages, type Inode, type Machine } from '@faultpath/mm';
import { f2fs_lock_op, f2fs_unlock_op } from './checkpoint.ts';

/**
 * Reads a page of a directory. Its mask is the directory's mapping mask.
 *
 * @kernel fs/f2fs/data.c f2fs_get_read_data_page v6.1
 * @locks the directory's i_rwsem, cp_rwsem shared by the caller
 * @omits the page's lock, which nobody holds while waiting for what is modelled; the I/O
 */
export const f2fs_get_read_data_page = kernelFunction('f2fs_get_read_data_page', function* (env: Machine, dir: Inode) {
  const mask = dir.i_mapping.gfp_mask;
  yield* __alloc_pages(env, { site: 'pagecache_get_page', mask, charged: false, mapping: mask });
  return 0;
});

/**
 * Looks for a name in a directory.
 *
 * @kernel fs/f2fs/dir.c __f2fs_find_entry v6.1
 * @locks as f2fs_get_read_data_page
 * @omits directories whose entries are in the inode
 */
export const __f2fs_find_entry = kernelFunction('__f2fs_find_entry', function* (env: Machine, dir: Inode) {
  yield* f2fs_get_read_data_page(env, dir);
  return 0;
});

/**
 * Enters a name into a directory, after looking whether it is there.
 *
 * @kernel fs/f2fs/dir.c f2fs_do_add_link v6.1
 * @locks the directory's i_rwsem, cp_rwsem shared
 * @omits the new entry's block and the new inode's node page, allocated with GFP_NOFS; access control lists
 */
export const f2fs_do_add_link = kernelFunction('f2fs_do_add_link', function* (env: Machine, dir: Inode) {
  yield* __f2fs_find_entry(env, dir);
  return 0;
});

/**
 * Makes a file.
 *
 * @kernel fs/f2fs/namei.c f2fs_create v6.1
 * @locks the directory's i_rwsem exclusively; takes and releases cp_rwsem shared
 * @omits the new inode's structure and number, made before, as an operation of its own
 */
export const f2fs_create = kernelFunction('f2fs_create', function* (env: Machine, dir: Inode, _inode: Inode) {
  yield* f2fs_lock_op(env, dir.i_sb);
  yield* f2fs_do_add_link(env, dir);
  yield* f2fs_unlock_op(env, dir.i_sb);
  return 0;
});

/**
 * Makes a directory.
 *
 * @kernel fs/f2fs/namei.c f2fs_mkdir v6.1
 * @locks as f2fs_create
 * @omits as f2fs_create; the new directory's first page, allocated with the same mask
 */
export const f2fs_mkdir = kernelFunction('f2fs_mkdir', function* (env: Machine, dir: Inode, _inode: Inode) {
  yield* f2fs_lock_op(env, dir.i_sb);
  yield* f2fs_do_add_link(env, dir);
  yield* f2fs_unlock_op(env, dir.i_sb);
  return 0;
});

/**
 * Makes a symbolic link. Its page is allocated when the operation has ended.
 *
 * @kernel fs/f2fs/namei.c f2fs_symlink v6.1
 * @locks as f2fs_create
 * @omits as f2fs_create; writing the page back
 */
export const f2fs_symlink = kernelFunction('f2fs_symlink', function* (env: Machine, dir: Inode, inode: Inode) {
  yield* f2fs_lock_op(env, dir.i_sb);
  yield* f2fs_do_add_link(env, dir);
  yield* f2fs_unlock_op(env, dir.i_sb);
  const mask = inode.i_mapping.gfp_mask;
  yield* __alloc_pages(env, { site: 'page_symlink', mask, charged: false, mapping: mask });
  return 0;
});
