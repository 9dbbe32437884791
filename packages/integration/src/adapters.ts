import { ext2 } from '@faultpath/ext2';
import { ext4 } from '@faultpath/ext4';
import { f2fs } from '@faultpath/f2fs';
import type { Filesystem } from '@faultpath/mm';
import { nilfs2 } from '@faultpath/nilfs2';
import { xfs } from '@faultpath/xfs';

/** The filesystems that come with faultpath, in the order of the tables. */
export const adapters: readonly Filesystem[] = [ext4, xfs, ext2, nilfs2, f2fs];
