import { type Call, type Model, registerConstant, type Thread, type View } from '@faultpath/engine';
import type { LoopOptions } from './block/create-loop.ts';
import { loopThread } from './block/loop.ts';
import { type CoreChange, coreChanges } from './changes.ts';
import { type EraName, eras } from './era.ts';
import { ModelError } from './errors.ts';
import { walkOf } from './fault/attempts.ts';
import { do_user_addr_fault } from './fault/handle-mm-fault.ts';
import { type Filesystem, filesystemThread } from './filesystem.ts';
import { createMachine, type MachineParts, type Mount } from './machine/create-machine.ts';
import type { Detail, Inode, Machine, MountOptions, SuperBlock, VmFault } from './machine/types.ts';
import type { Policy, PolicyName } from './policy.ts';
import { createEntry } from './tasks/create.ts';
import { freezeAndThaw } from './tasks/freeze.ts';
import { kswapd } from './tasks/kswapd.ts';
import { scopedFault } from './tasks/scoped-fault.ts';
import {
  createsEntries,
  directoryName,
  inodeName,
  newInodeName,
  settleTask,
  type Task,
  type TaskSpec,
  type VictimSpec,
} from './tasks/spec.ts';

/** One filesystem of a case, where it has several. */
export interface MountSpec {
  /** Name of the superblock, to be named by tasks and victims. */
  readonly name: string;
  readonly filesystem: Filesystem;
  readonly mount?: Partial<MountOptions>;
  /** Its device is a loop device over a file of a filesystem that stands before it. */
  readonly loop?: LoopOptions;
}

/** A case as data: which filesystem in which era, who runs, what reclaim may take, and the bounds. */
export interface FaultCase {
  readonly name?: string;
  readonly era: EraName;
  /** `as-released` when absent. */
  readonly policy?: PolicyName;
  /** One filesystem, or several by name. */
  readonly filesystem: Filesystem | readonly MountSpec[];
  readonly tasks: readonly TaskSpec[];
  readonly victims?: readonly VictimSpec[];
  /** For the one filesystem. `lazytime` is on by itself where a victim is of that kind. */
  readonly mount?: Partial<MountOptions>;
  /** The files' blocks at the start; holes when absent. */
  readonly blocks?: 'hole' | 'mapped';
  /** Changes to the core to try. */
  readonly changes?: readonly CoreChange[];
  /** Explore that an allocation without sleep fails; off when absent. */
  readonly allocationFailure?: boolean;
  /** Also what a recording may show and exploration does not need; for one fault alone. */
  readonly detail?: Detail;
  /** Explore that memory is so low that an allocation which may enter filesystems waits for kswapd; off when absent. */
  readonly throttling?: boolean;
}

/**
 * Builds the model of a case.
 *
 * @throws ModelError for a case that names what there is not, or that has no task
 */
export function buildFaultModel(given: FaultCase): Model {
  return built(given);
}

/** As {@link buildFaultModel}, for a machine that sees its policy through a view. */
export function built(given: FaultCase, view?: View<Policy>): Model {
  if (given.tasks.length === 0) throw new ModelError('MM_NOTHING_TO_RUN', 'tasks', 'a case needs at least one task');
  const specs: readonly MountSpec[] = isList(given.filesystem)
    ? given.filesystem
    : [
        {
          name: given.filesystem.name,
          filesystem: given.filesystem,
          ...(given.mount === undefined ? {} : { mount: given.mount }),
        },
      ];
  const first = specs[0];
  if (first === undefined)
    throw new ModelError('MM_FILESYSTEM_UNKNOWN', 'filesystem', 'a case needs at least one filesystem');
  const victims = distinct(
    (given.victims ?? []).map(
      ({ kind, fs, supply }) => ({ kind, fs: fs ?? first.name, supply: supply ?? 'any' }) as const,
    ),
  );
  if (eras[given.era] === undefined) throw new ModelError('MM_ERA_UNKNOWN', 'era', `there is no era '${given.era}'`);
  for (const change of given.changes ?? []) {
    if (!(change in coreChanges)) {
      const known = Object.keys(coreChanges).join(', ');
      throw new ModelError('MM_CHANGE_UNKNOWN', 'changes', `there is no change '${change}'; known: ${known}`);
    }
  }
  const mounts = specs.map((spec) => mountOf(spec, given.era, victims));
  const tasks = given.tasks.map((task) => settleTask(task, first.name));
  checkTasks(tasks, mounts, given.era, given.detail !== undefined);

  const parts = createMachine({
    era: given.era,
    policy: given.policy ?? 'as-released',
    mounts,
    tasks,
    victims,
    blocks: given.blocks ?? 'hole',
    allocationFailure: given.allocationFailure ?? false,
    throttling: (given.throttling ?? false) && tasks.some(({ kind }) => kind === 'kswapd'),
    changes: [...(given.changes ?? [])],
    ...(given.detail === undefined ? {} : { detail: given.detail }),
    ...(view === undefined ? {} : { view }),
  });
  const threads = [...taskThreads(parts, tasks), ...daemons(parts)];
  return { name: given.name ?? caseName(given, mounts), world: parts.world, threads };
}

/** Where there are as many as reclaim wants, saying it twice says nothing. */
function distinct<V extends Required<VictimSpec>>(victims: readonly V[]): readonly V[] {
  return victims.filter(
    (victim, index) =>
      victim.supply === 'one' ||
      victims.findIndex(({ kind, fs, supply }) => kind === victim.kind && fs === victim.fs && supply === 'any') ===
        index,
  );
}

function mountOf(spec: MountSpec, era: EraName, victims: readonly { kind: string; fs: string }[]): Mount {
  const { filesystem: fs, name, mount, loop } = spec;
  if (!fs.supports.eras.includes(era)) {
    throw new ModelError(
      'MM_ERA_UNSUPPORTED',
      'era',
      `${fs.name} is modelled for ${fs.supports.eras.join(', ')}, not for ${era}`,
    );
  }
  const lazytime = mount?.lazytime ?? victims.some((victim) => victim.fs === name && victim.kind === 'lazytime');
  const options = { lazytime, stale_times: mount?.stale_times ?? true };
  return { name, fs, options, ...(loop === undefined ? {} : { loop }) };
}

function checkTasks(tasks: readonly Task[], mounts: readonly Mount[], era: EraName, detailed: boolean): void {
  for (const [index, task] of tasks.entries()) {
    if (!('fs' in task)) continue;
    const where = `tasks[${index}]`;
    const mount = mounts.find(({ name }) => name === task.fs);
    if (mount === undefined)
      throw new ModelError('MM_FILESYSTEM_UNKNOWN', where, `no filesystem '${task.fs}' is mounted`);
    if (('inode' in task && task.inode > 7) || ('page' in task && task.page > 15)) {
      throw new ModelError('MM_BOUND', where, 'at most 8 files of 16 pages are modelled');
    }
    if ('size' in task && task.size === 'pmd') checkHuge(tasks, task, mount, era, where);
    if (
      'sync' in task &&
      task.sync &&
      (task.kind === 'read-fault' || !mount.fs.supports.sync_faults || !eras[era].mapSync.is)
    ) {
      throw new ModelError(
        'MM_TASK_UNSUPPORTED',
        where,
        `there is no MAP_SYNC ${task.kind} on ${mount.fs.name} in ${era}`,
      );
    }
    if ('page' in task) checkMapping(task, mount, era, detailed, where);
    if (createsEntries(task) && mount.fs.i_op?.[task.kind] === undefined) {
      throw new ModelError('MM_TASK_UNSUPPORTED', where, `${mount.fs.name} has no model of ${task.kind}`);
    }
    if (createsEntries(task) && task.directory > 7) {
      throw new ModelError('MM_BOUND', where, 'at most 8 directories are modelled');
    }
    if ((task.kind === 'truncate' || task.kind === 'fsync') && mount.fs.f_op[task.kind] === undefined) {
      throw new ModelError('MM_TASK_UNSUPPORTED', where, `${mount.fs.name} has no model of ${task.kind}`);
    }
  }
}

/**
 * Copies, and pages that become writable, are modelled for DAX files from the era on whose handlers take both, and for the
 * page cache in the detail that recordings show.
 */
function checkMapping(
  task: Extract<Task, { page: number }>,
  { fs }: Mount,
  era: EraName,
  detailed: boolean,
  where: string,
): void {
  const copies = task.mapping === 'private';
  const upgrades = task.pageTable === 'read-only';
  if (!copies && !upgrades) return;
  const modelled = (fs.supports.dax && eras[era].mapSync.is) || (detailed && fs.supports.page_cache === true);
  if (modelled && task.kind === 'write-fault' && !(copies && (upgrades || task.sync))) return;
  const what = copies ? 'in a private mapping' : 'on a page that is mapped read-only';
  throw new ModelError('MM_TASK_UNSUPPORTED', where, `no ${task.kind} ${what} is modelled for ${fs.name} in ${era}`);
}

function checkHuge(
  tasks: readonly Task[],
  { fs, inode, kind }: Extract<Task, { page: number }>,
  mount: Mount,
  era: EraName,
  where: string,
): void {
  if (mount.fs.vm_ops.huge_fault === undefined || eras[era].pmdGfp.is === 'none') {
    throw new ModelError('MM_TASK_UNSUPPORTED', where, `there is no ${kind} of 2 MiB on ${mount.fs.name} in ${era}`);
  }
  if (tasks.some((task) => 'page' in task && task.fs === fs && task.inode === inode && task.page !== 0)) {
    throw new ModelError('MM_BOUND', where, 'page 0 stands for the 2 MiB: every fault on the file is on page 0');
  }
}

function taskThreads(parts: MachineParts, tasks: readonly Task[]): Thread[] {
  const { env } = parts;
  const faults = new Map<string, VmFault>();
  const threads: Thread[] = [];
  for (const [index, task] of tasks.entries()) {
    const name = `${task.kind}-${index}`;
    switch (task.kind) {
      case 'kswapd':
        // With nothing to reclaim it never wakes up.
        if (env.victims.length > 0) threads.push({ name: 'kswapd0', start: kswapd(env), daemon: true, repeat: true });
        break;
      case 'freeze':
        threads.push({ name, start: freezeAndThaw(env, parts.superblocks.get(task.fs) as SuperBlock) });
        break;
      case 'truncate':
      case 'fsync':
        threads.push({
          name,
          start: fileOperation(parts, task.kind, task.fs, task.inode),
          ...(task.again ? { daemon: true, repeat: true } : {}),
        });
        break;
      case 'create':
      case 'mkdir':
      case 'symlink': {
        const directory = parts.inodes.get(directoryName(task.fs, task.directory)) as Inode;
        const made = parts.inodes.get(newInodeName(task)) as Inode;
        threads.push({ name, start: createEntry[task.kind](env, directory, made) });
        break;
      }
      default:
        threads.push({ name, start: faultCall(parts, faults, task) });
    }
  }
  return threads;
}

function fileOperation(
  { env, inodes }: MachineParts,
  kind: 'truncate' | 'fsync',
  fs: string,
  number: number,
): Call<number> {
  const inode = inodes.get(inodeName(fs, number)) as Inode;
  const operation = inode.i_sb.fs.f_op[kind];
  if (operation === undefined) throw new ModelError('MM_TASK_UNSUPPORTED', kind, `${fs} has no model of it`);
  return operation(env, inode);
}

function faultCall(
  parts: MachineParts,
  faults: Map<string, VmFault>,
  task: Extract<Task, { page: number }>,
): Call<number> {
  // Equal tasks start with the very same call: that is what makes them interchangeable to the engine.
  const key = `${task.fs}/${task.inode}/${task.page}/${task.kind}/${task.size}/${task.sync}/${task.pageTable}/${task.mapping}`;
  const inode = parts.inodes.get(inodeName(task.fs, task.inode)) as Inode;
  let vmf = faults.get(key);
  if (vmf === undefined) {
    const page: Omit<VmFault, 'size' | 'fallback'> = {
      inode,
      slot: inode.i_mapping.i_pages[task.page] as VmFault['slot'],
      write: task.kind === 'write-fault',
      shared: task.mapping === 'shared',
      sync: task.sync,
      pmd_none: task.pageTable === 'missing',
      readOnly: task.pageTable === 'read-only',
      mmap_lock: parts.builder.rwsem('mmap_lock', `mm${faults.size}.mmap_lock`, { writers: false }),
    };
    const onePage = registerConstant<VmFault>({ ...page, size: 'pte' });
    const walk = parts.env.bounds.detail === undefined ? {} : { walk: walkOf(page, parts.env.era.vmaLock.is) };
    vmf =
      task.size === 'pte'
        ? registerConstant<VmFault>({ ...onePage, ...walk })
        : registerConstant<VmFault>({ ...page, size: 'pmd', fallback: onePage, ...walk });
    faults.set(key, vmf);
  }
  return task.scope === 'none' ? do_user_addr_fault(parts.env, vmf) : scopedFault(parts.env, vmf, task.scope);
}

function daemons({ env, superblocks }: { env: Machine; superblocks: ReadonlyMap<string, SuperBlock> }): Thread[] {
  return [...superblocks.values()].flatMap((sb) => [
    ...sb.fs.threads
      .filter(({ needed }) => needed === undefined || needed(env, sb))
      .map((thread) => filesystemThread(thread, env, sb)),
    ...(sb.s_bdev === undefined ? [] : [loopThread(env, sb.s_bdev)]),
  ]);
}

function isList(value: Filesystem | readonly MountSpec[]): value is readonly MountSpec[] {
  return Array.isArray(value);
}

function caseName(given: FaultCase, mounts: readonly Mount[]): string {
  const who = given.tasks.map((task) => task.kind).join(' + ');
  return `${mounts.map(({ name }) => name).join(', ')} ${given.era} ${given.policy ?? 'as-released'}: ${who}`;
}
