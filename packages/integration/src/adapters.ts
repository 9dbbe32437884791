import { ext2 } from '@faultpath/ext2';
import { ext4 } from '@faultpath/ext4';
import type { Filesystem } from '@faultpath/mm';
import { xfs } from '@faultpath/xfs';

/** The filesystems that come with faultpath, in the order of the tables. */
export const adapters: readonly Filesystem[] = [ext4, xfs, ext2];
