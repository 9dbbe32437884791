/** A task of a case: data, so that a table of cases can be written down. */
export type TaskSpec =
  | FaultTaskSpec
  | FileTaskSpec
  | CreateTaskSpec
  | { readonly kind: 'kswapd' }
  | { readonly kind: 'freeze'; readonly fs?: string };

/** A task that cuts a file short, or makes it durable. */
export interface FileTaskSpec {
  readonly kind: 'truncate' | 'fsync';
  /** Number of the file, from 0. */
  readonly inode?: number;
  /** As often as it likes, or never; once when absent. */
  readonly again?: boolean;
  readonly fs?: string;
}

/** A task that makes a file, a directory or a symbolic link. */
export interface CreateTaskSpec {
  readonly kind: 'create' | 'mkdir' | 'symlink';
  /** Number of the directory, from 0. */
  readonly directory?: number;
  readonly fs?: string;
}

/** A task that touches one page of a shared mapping. */
export interface FaultTaskSpec {
  readonly kind: 'read-fault' | 'write-fault';
  /** Number of the file, from 0. */
  readonly inode?: number;
  /** Page index in the file, from 0. */
  readonly page?: number;
  /** What the fault tries first: one page, or 2 MiB, for which the file's page 0 stands. */
  readonly size?: 'pte' | 'pmd';
  /** A scope around the whole fault. */
  readonly scope?: 'nofs' | 'noio';
  /** The mapping is MAP_SYNC; only for writes. */
  readonly sync?: boolean;
  /**
   * Whether a page-table page is there already; where it is missing the fault has to allocate one. `read-only`: the page
   * itself is mapped, and a write has to make it writable.
   */
  readonly pageTable?: 'missing' | 'present' | 'read-only';
  /** A write to a private mapping copies the page; shared when absent. */
  readonly mapping?: 'shared' | 'private';
  /** Superblock of the file; the first when absent. */
  readonly fs?: string;
}

/** A task with every default filled in. */
export type Task =
  | (Required<Omit<FaultTaskSpec, 'scope'>> & { readonly scope: 'nofs' | 'noio' | 'none' })
  | Required<FileTaskSpec>
  | Required<CreateTaskSpec>
  | { readonly kind: 'kswapd' }
  | { readonly kind: 'freeze'; readonly fs: string };

/** Unused inodes that reclaim may take. */
export interface VictimSpec {
  /** One of the filesystem's `reclaim.kinds`. */
  readonly kind: string;
  readonly fs?: string;
  /** As many as reclaim wants (the default, and all that a proof needs), or one. */
  readonly supply?: 'any' | 'one';
}

/** Fills in the defaults. `fs` is the superblock that is meant where none is named. */
export function settleTask(spec: TaskSpec, fs: string): Task {
  switch (spec.kind) {
    case 'read-fault':
    case 'write-fault':
      return {
        kind: spec.kind,
        inode: spec.inode ?? 0,
        page: spec.page ?? 0,
        size: spec.size ?? 'pte',
        scope: spec.scope ?? 'none',
        sync: spec.sync ?? false,
        pageTable: spec.pageTable ?? 'missing',
        mapping: spec.mapping ?? 'shared',
        fs: spec.fs ?? fs,
      };
    case 'truncate':
    case 'fsync':
      return { kind: spec.kind, inode: spec.inode ?? 0, again: spec.again ?? false, fs: spec.fs ?? fs };
    case 'create':
    case 'mkdir':
    case 'symlink':
      return { kind: spec.kind, directory: spec.directory ?? 0, fs: spec.fs ?? fs };
    case 'freeze':
      return { kind: 'freeze', fs: spec.fs ?? fs };
    case 'kswapd':
      return { kind: 'kswapd' };
  }
}

/** A task changes the blocks of this file. */
export function changesBlocks(task: Task, inode: string): boolean {
  const writes = task.kind === 'truncate' || (task.kind === 'write-fault' && task.mapping === 'shared');
  return writes && inodeName(task.fs, task.inode) === inode;
}

/** Some task cuts this file short, and so takes its locks exclusively. */
export function truncates(task: Task, inode: string): boolean {
  return task.kind === 'truncate' && inodeName(task.fs, task.inode) === inode;
}

/** Name of a file in the model. */
export function inodeName(fs: string, inode: number): string {
  return `${fs}/inode${inode}`;
}

/** A task makes something in a directory. */
export function createsEntries(task: Task): task is Required<CreateTaskSpec> {
  return task.kind === 'create' || task.kind === 'mkdir' || task.kind === 'symlink';
}

/** Name of a directory in the model. */
export function directoryName(fs: string, directory: number): string {
  return `${fs}/directory${directory}`;
}

/** Name of what such tasks make: each makes its own, but as nobody else can see it, one stands for all. */
export function newInodeName({ kind, fs }: Required<CreateTaskSpec>): string {
  return `${fs}/new-${kind}`;
}
