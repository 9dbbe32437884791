import { kernelFunction } from '@faultpath/engine';
import { __alloc_pages, type Inode, type Machine } from '@faultpath/mm';
import { nilfs_transaction_begin, nilfs_transaction_commit } from './transaction.ts';

/**
 * Makes the page that a symbolic link's target is written to. Its mask is what inode setup left in the mapping.
 *
 * @kernel fs/namei.c page_symlink v6.1
 * @locks ns_segctor_sem shared, by the caller's transaction
 * @omits the page's lock, as nobody else knows the inode; the nested transaction of write_begin, which only counts
 */
export const page_symlink = kernelFunction('page_symlink', function* (env: Machine, inode: Inode) {
  const mask = inode.i_mapping.gfp_mask;
  yield* __alloc_pages(env, { site: 'grab_cache_page_write_begin', mask, charged: false, mapping: mask });
  return 0;
});

/**
 * Enters a name into a directory, whose pages it reads for that.
 *
 * @kernel fs/nilfs2/dir.c nilfs_add_link v6.1
 * @locks the directory's i_rwsem, ns_segctor_sem shared
 * @omits the page's lock, which nobody holds while waiting for what is modelled; the I/O
 */
export const nilfs_add_link = kernelFunction('nilfs_add_link', function* (env: Machine, dir: Inode) {
  const mask = dir.i_mapping.gfp_mask;
  yield* __alloc_pages(env, { site: 'nilfs_get_page', mask, charged: false, mapping: mask });
  return 0;
});

/**
 * Makes a file.
 *
 * @kernel fs/nilfs2/namei.c nilfs_create v6.1
 * @locks the directory's i_rwsem exclusively; begins and ends a transaction
 * @omits the new inode's structure and its blocks, allocated with GFP_NOFS inside the transaction
 */
export const nilfs_create = kernelFunction('nilfs_create', function* (env: Machine, dir: Inode, _inode: Inode) {
  yield* nilfs_transaction_begin(env, dir.i_sb);
  yield* nilfs_add_link(env, dir);
  yield* nilfs_transaction_commit(env, dir.i_sb);
  return 0;
});

/**
 * Makes a directory, and its first page.
 *
 * @kernel fs/nilfs2/namei.c nilfs_mkdir v6.1
 * @locks the directory's i_rwsem exclusively; begins and ends a transaction
 * @omits as nilfs_create
 */
export const nilfs_mkdir = kernelFunction('nilfs_mkdir', function* (env: Machine, dir: Inode, inode: Inode) {
  yield* nilfs_transaction_begin(env, dir.i_sb);
  yield* nilfs_add_link(env, inode);
  yield* nilfs_add_link(env, dir);
  yield* nilfs_transaction_commit(env, dir.i_sb);
  return 0;
});

/**
 * Makes a symbolic link: its page is allocated inside the transaction.
 *
 * @kernel fs/nilfs2/namei.c nilfs_symlink v6.1
 * @locks the directory's i_rwsem exclusively; begins and ends a transaction
 * @omits as nilfs_create
 */
export const nilfs_symlink = kernelFunction('nilfs_symlink', function* (env: Machine, dir: Inode, inode: Inode) {
  yield* nilfs_transaction_begin(env, dir.i_sb);
  yield* page_symlink(env, inode);
  yield* nilfs_add_link(env, dir);
  yield* nilfs_transaction_commit(env, dir.i_sb);
  return 0;
});
