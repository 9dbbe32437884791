import { registerConstant } from '@faultpath/engine';
import type { Masks } from '../alloc/masks.ts';
import type { CoreChange } from '../changes.ts';
import type { Builder } from '../machine/builder.ts';
import type { AddressSpace, Inode, LoopDevice, SuperBlock } from '../machine/types.ts';

/** A loop device of a case. */
export interface LoopOptions {
  /** Name of the superblock that has the file below. */
  readonly on: string;
  /** The file below is written with direct I/O (`losetup --direct-io=on`); through the page cache when absent. */
  readonly directIo?: boolean;
}

/**
 * The mapping mask of the file below: the driver takes I/O and filesystems out when it is bound.
 * Source: drivers/block/loop.c loop_set_fd v4.9, loop_configure v6.1.
 */
export function loopMask(mask: number, changes: readonly CoreChange[], { without }: Masks): number {
  return changes.includes('loop-keeps-mapping-mask') ? mask : without(mask, '__GFP_IO|__GFP_FS');
}

/** Makes a loop device and the file below. Nobody but the device's worker uses that file. */
export function createLoop(
  builder: Builder,
  below: SuperBlock,
  sb: string,
  { gfp_mask, use_dio }: { readonly gfp_mask: number; readonly use_dio: boolean },
): LoopDevice {
  const { world, threads } = builder;
  const name = `loop-${sb}`;
  return registerConstant({
    name,
    io: world.object(`${name}.io`, { lock: 'loop_io', kind: 'completion' }),
    waiting: world.cell(`${name}.waiting`, threads),
    done: world.cell(`${name}.done`, 1),
    lo_backing_file: createImage(builder, below, `${below.name}/image-of-${sb}`, gfp_mask),
    use_dio,
  });
}

function createImage(builder: Builder, i_sb: SuperBlock, name: string, gfp_mask: number): Inode {
  const owner = { object: name, superblock: `sb:${i_sb.name}`, referenced: true };
  const lock = i_sb.fs.invalidateLock(builder.era.name);
  const i_mapping: AddressSpace = registerConstant({
    gfp_mask,
    invalidate_lock: builder.rwsem(lock, `${name}.${lock}`, { writers: false, owner }),
    i_pages: [],
  });
  const made = i_sb.fs.setupInode(builder, name, i_mapping);
  return registerConstant({
    name,
    kind: 'regular',
    i_sb,
    i_mapping,
    i_rwsem: builder.rwsem('i_rwsem', `${name}.i_rwsem`, { writers: true, unshared: true, owner }),
    i_private: typeof made === 'object' && made !== null ? registerConstant(made) : made,
  });
}
