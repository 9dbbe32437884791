import { ext2 } from '@faultpath/ext2';
import { ext4, ext4SplatNames } from '@faultpath/ext4';
import { f2fs, f2fsSplatNames } from '@faultpath/f2fs';
import type { AssumedEdge, SplatEdge, SplatModel, SplatReport } from '@faultpath/lockdep';
import { coreLocks, type EraName, type Filesystem } from '@faultpath/mm';
import { nilfs2, nilfs2SplatNames } from '@faultpath/nilfs2';
import { xfs, xfsSplatNames } from '@faultpath/xfs';
import { ext2SplatNames } from '../ext2/splat-names.ts';

/** How lockdep prints the locks of a filesystem. */
export interface SplatNames {
  /** Beginnings of function names by which a report is known to be about it. */
  readonly functions: readonly string[];
  /** Printed name without `#N`, and the class of the model. */
  readonly classes: Readonly<Record<string, string>>;
  /** Printed locks without a class in the model, of which every inode has one. */
  readonly perInode: readonly string[];
  readonly declared?: readonly AssumedEdge[];
}

/** A bundled filesystem and the names of its locks. */
export interface NamedFilesystem {
  readonly fs: Filesystem;
  readonly names: SplatNames;
}

/** In the order in which a report is shown to them. */
export const namedFilesystems: readonly NamedFilesystem[] = [
  { fs: ext4, names: ext4SplatNames },
  { fs: ext2, names: ext2SplatNames },
  { fs: xfs, names: xfsSplatNames },
  { fs: nilfs2, names: nilfs2SplatNames },
  { fs: f2fs, names: f2fsSplatNames },
];

/** Locks that every filesystem has from the core. */
const coreClasses: Readonly<Record<string, string>> = {
  '&mm->mmap_lock': 'mmap_lock',
  '&mm->mmap_sem': 'mmap_lock',
  '&sb->s_type->i_mutex_key': 'i_rwsem',
  '&type->s_umount_key': 's_umount',
  sb_writers: 'sb_writers',
  sb_pagefaults: 'sb_pagefaults',
  sb_internal: 'sb_internal',
  fs_reclaim: 'fs_reclaim',
  mmu_notifier_invalidate_range_start: 'mmu_notifier_invalidate_range_start',
};
const corePerInode: readonly string[] = [
  '&inode->i_lock',
  '&mapping->i_mmap_rwsem',
  '&sb->s_type->i_lock_key',
  'mapping.invalidate_lock',
];

/** `mapping.invalidate_lock#4` is the fourth class of that name: which one, the report does not say. */
function plain(printed: string): string {
  return printed.replace(/#\d+$/, '');
}

/** The model's class for a printed one. A nesting subclass (`/1`) is a class of its own, which no model has. */
export function classOf({ names }: NamedFilesystem, printed: string): string | undefined {
  const name = plain(printed);
  return names.classes[name] ?? coreClasses[name];
}

/** What a printed lock belongs to. */
export function ownerOf(named: NamedFilesystem, printed: string): ReturnType<NonNullable<SplatModel['ownerOf']>> {
  const name = plain(printed);
  if (named.names.perInode.includes(name) || corePerInode.includes(name)) return 'inode';
  const known = classOf(named, printed);
  const scope =
    known === undefined ? undefined : ({ ...coreLocks, ...named.fs.locks } as Filesystem['locks'])[known]?.scope;
  if (scope === undefined) return undefined;
  if (scope === 'inode') return 'inode';
  return scope === 'page' ? 'other' : 'superblock';
}

/** Whether functions of the filesystem stand in the backtraces of a report. */
export function isAbout({ names }: NamedFilesystem, report: SplatReport): boolean {
  const frames = [
    ...report.backtrace,
    ...report.chain.flatMap((link) => link.backtrace),
    ...(report.usage?.registered ?? []),
  ];
  return frames.some((frame) => names.functions.some((start) => frame.startsWith(start)));
}

/** Whether the model has classes for both ends of a dependency. */
export function namesBothEnds(named: NamedFilesystem, { from, to }: SplatEdge): boolean {
  return classOf(named, from) !== undefined && classOf(named, to) !== undefined;
}

/** The modelled release that a printed one belongs to: the newest that is not younger. `6.1.192 #2` is v6.1. */
export function eraOf(kernel: string, known: readonly EraName[]): EraName | undefined {
  const match = /^v?(\d{1,3})\.(\d{1,3})/.exec(kernel);
  if (match === null) return undefined;
  const number = (major: string, minor: string): number => Number(major) * 1000 + Number(minor);
  const release = number(match[1] as string, match[2] as string);
  const older = known.filter((name) => {
    const [major, minor] = name.slice(1).split('.') as [string, string];
    return number(major, minor) <= release;
  });
  return older.at(-1) ?? known[0];
}
