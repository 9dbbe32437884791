import { createWorld, registerConstant, type View, type World } from '@faultpath/engine';
import { createMasks, type Masks } from '../alloc/masks.ts';
import { createLoop, type LoopOptions, loopMask } from '../block/create-loop.ts';
import type { CoreChange } from '../changes.ts';
import { type Era, type EraName, eraNames, eras } from '../era.ts';
import { ModelError } from '../errors.ts';
import type { Filesystem, InodeKind } from '../filesystem.ts';
import { type Policy, type PolicyName, policies, policyNames } from '../policy.ts';
import { createThrottle } from '../reclaim/throttle.ts';
import {
  createsEntries,
  directoryName,
  inodeName,
  newInodeName,
  type Task,
  truncates,
  type VictimSpec,
} from '../tasks/spec.ts';
import { type Builder, createBuilder, createCurrent, createPageSlot, createSuperLocks } from './builder.ts';
import type { AddressSpace, Detail, Inode, Machine, MountOptions, SuperBlock, Victim, VictimState } from './types.ts';

/** A filesystem that a machine has mounted. */
export interface Mount {
  /** Name of the superblock, `ext4` for the first. */
  readonly name: string;
  readonly fs: Filesystem;
  readonly options: MountOptions;
  /** It is on a loop device over a file of a filesystem that was mounted before. */
  readonly loop?: LoopOptions;
}

/** What a machine is made of. */
export interface MachineOptions {
  readonly era: EraName;
  readonly policy: PolicyName;
  readonly mounts: readonly Mount[];
  readonly tasks: readonly Task[];
  readonly victims: readonly Required<VictimSpec>[];
  /** The files' blocks at the start. */
  readonly blocks: 'hole' | 'mapped';
  readonly allocationFailure: boolean;
  readonly throttling: boolean;
  readonly changes: readonly CoreChange[];
  readonly detail?: Detail;
  /** How the machine sees its policy; directly when absent. */
  readonly view?: View<Policy>;
}

/** A machine with its world, and the things that tasks are started on. */
export interface MachineParts {
  readonly world: World;
  readonly env: Machine;
  readonly builder: Builder;
  readonly superblocks: ReadonlyMap<string, SuperBlock>;
  /** By {@link inodeName}, {@link directoryName} and {@link newInodeName}. */
  readonly inodes: ReadonlyMap<string, Inode>;
}

/**
 * Makes a machine: world, locks, inodes, victims. Everything is a registered constant, so that it can be an argument
 * of a modelled function.
 *
 * @throws ModelError for an era, policy, or kind of victim that there is not
 */
export function createMachine(options: MachineOptions): MachineParts {
  const era = eraNamed(options.era);
  const named = policyNamed(options.policy);
  options.view?.show(named);
  const policy = options.view?.seen ?? named;
  const masks = createMasks(era);
  const world = createWorld();
  const mappingMasks = new Map(
    options.mounts.map(({ name, fs }) => [name, mappingMask(fs, 'regular', era.name, policy, masks)]),
  );
  const fsIo = masks.of('__GFP_FS|__GFP_IO');
  const vmfMasks = [
    ...new Set(
      [...mappingMasks.values()].flatMap((mask) => {
        const core = (mask | fsIo) >>> 0;
        return [mask, core, masks.without(core, '__GFP_FS'), masks.without(mask, '__GFP_FS')];
      }),
    ),
  ];
  const current = createCurrent(world, options.mounts.length, vmfMasks.length);
  const threads =
    options.tasks.length +
    options.mounts.reduce((sum, { fs, loop }) => sum + fs.threads.length + (loop === undefined ? 0 : 1), 0);
  const builder = createBuilder({
    world,
    era,
    policy,
    current,
    tasks: options.tasks,
    threads,
    allocationFailure: options.allocationFailure,
    onLoop: (sb) => options.mounts.some(({ name, loop }) => name === sb && loop !== undefined),
    belowLoop: (sb) => options.mounts.some(({ loop }) => loop?.on === sb),
    victimKinds: (sb) => options.victims.filter(({ fs }) => fs === sb).map(({ kind }) => kind),
  });

  const superblocks = new Map<string, SuperBlock>();
  for (const [index, { name, fs, options: mount, loop }] of options.mounts.entries()) {
    const below = loop === undefined ? undefined : superblocks.get(loop.on);
    if (loop !== undefined && below === undefined) {
      const known = [...superblocks.keys()].join(', ');
      throw new ModelError(
        'MM_FILESYSTEM_UNKNOWN',
        `filesystem.${name}.loop`,
        `no filesystem '${loop.on}' is mounted before; mounted are: ${known}`,
      );
    }
    const sb: SuperBlock = {
      name,
      fs,
      journal: index + 1,
      ...createSuperLocks(builder, name),
      mount,
      ...(loop === undefined || below === undefined
        ? {}
        : {
            s_bdev: createLoop(builder, below, name, {
              gfp_mask: loopMask(mappingMasks.get(below.name) as number, options.changes, masks),
              use_dio: loop.directIo === true,
            }),
          }),
      s_fs_info: register(fs.mount(builder, name)),
    };
    superblocks.set(name, registerConstant(sb));
  }

  const inodes = new Map<string, Inode>();
  for (const { sb, number, pages } of filesOf(options.tasks)) {
    const i_sb = superblocks.get(sb);
    if (i_sb === undefined) throw new ModelError('MM_FILESYSTEM_UNKNOWN', 'tasks', `no filesystem '${sb}' is mounted`);
    inodes.set(
      inodeName(sb, number),
      createInode(builder, i_sb, number, pages, mappingMasks.get(sb) as number, options.blocks),
    );
  }
  const files = [...inodes.values()];
  for (const task of options.tasks) {
    if (!createsEntries(task)) continue;
    const i_sb = superblocks.get(task.fs);
    if (i_sb === undefined)
      throw new ModelError('MM_FILESYSTEM_UNKNOWN', 'tasks', `no filesystem '${task.fs}' is mounted`);
    for (const [name, kind] of [
      [directoryName(task.fs, task.directory), 'directory'],
      [newInodeName(task), newKind(task.kind)],
    ] as const) {
      if (!inodes.has(name))
        inodes.set(
          name,
          createBareInode(builder, i_sb, name, kind, mappingMask(i_sb.fs, kind, era.name, policy, masks)),
        );
    }
  }

  const victims = options.victims.map((spec, index) => createVictim(builder, spec, index, superblocks));
  const env: Machine = registerConstant({
    era,
    policy,
    bounds: {
      tasks: threads,
      allocationFailure: options.allocationFailure,
      ...(options.detail === undefined ? {} : { detail: options.detail }),
    },
    changes: options.changes,
    masks,
    vmfMasks,
    current,
    victims,
    files,
    ...(options.throttling && victims.length > 0 ? { pfmemalloc: createThrottle(world) } : {}),
  });
  return { world, env, builder, superblocks, inodes };
}

function eraNamed(name: string): Era {
  const era = (eras as Readonly<Record<string, Era>>)[name];
  if (era === undefined)
    throw new ModelError('MM_ERA_UNKNOWN', 'era', `there is no era '${name}'; known: ${eraNames.join(', ')}`);
  return era;
}

/** Throws ModelError `MM_POLICY_UNKNOWN`. */
export function policyNamed(name: string): Policy {
  const policy = (policies as Readonly<Record<string, Policy>>)[name];
  if (policy === undefined)
    throw new ModelError(
      'MM_POLICY_UNKNOWN',
      'policy',
      `there is no policy '${name}'; known: ${policyNames.join(', ')}`,
    );
  return policy;
}

/** `mapping_gfp_mask()` after inode setup. */
function mappingMask(fs: Filesystem, kind: InodeKind, era: EraName, policy: Policy, { of, without }: Masks): number {
  const all = of('GFP_HIGHUSER_MOVABLE');
  const declared = fs.mappingGfpByKind?.[kind]?.find(({ eras }) => eras.includes(era)) ?? fs.mappingGfp;
  if (declared !== null) return without(all, declared.without);
  return fs.name === 'ext4' && policy.ext4DeclaresNofs ? without(all, '__GFP_FS') : all;
}

/** What a task makes in a directory. */
function newKind(made: 'create' | 'mkdir' | 'symlink'): InodeKind {
  return made === 'create' ? 'regular' : made === 'mkdir' ? 'directory' : 'symlink';
}

/** An inode whose pages nobody shares: a directory that is changed, or what is made in it. */
function createBareInode(builder: Builder, i_sb: SuperBlock, name: string, kind: InodeKind, mask: number): Inode {
  const users = builder.tasks.filter((task) => createsEntries(task) && directoryName(task.fs, task.directory) === name);
  const owner = { object: name, superblock: `sb:${i_sb.name}`, referenced: true };
  const lock = i_sb.fs.invalidateLock(builder.era.name);
  const i_mapping: AddressSpace = registerConstant({
    gfp_mask: mask,
    invalidate_lock: builder.rwsem(lock, `${name}.${lock}`, { writers: false, owner }),
    i_pages: [],
  });
  return registerConstant({
    name,
    kind,
    i_sb,
    i_mapping,
    i_rwsem: builder.rwsem('i_rwsem', `${name}.i_rwsem`, {
      writers: users.length > 0,
      unshared: users.length < 2,
      owner,
    }),
    i_private: register(i_sb.fs.setupInode(builder, name, i_mapping)),
  });
}

/** Every file that a task names, with as many pages as the tasks touch. */
function filesOf(tasks: readonly Task[]): { sb: string; number: number; pages: number }[] {
  const files = new Map<string, { sb: string; number: number; pages: number }>();
  for (const task of tasks) {
    if (!('inode' in task)) continue;
    const key = inodeName(task.fs, task.inode);
    const file = files.get(key) ?? { sb: task.fs, number: task.inode, pages: 0 };
    if ('page' in task) file.pages = Math.max(file.pages, task.page + 1);
    files.set(key, file);
  }
  return [...files.values()];
}

function createInode(
  builder: Builder,
  i_sb: SuperBlock,
  number: number,
  pages: number,
  mask: number,
  blocks: 'hole' | 'mapped',
): Inode {
  const name = inodeName(i_sb.name, number);
  const truncating = builder.tasks.filter((task) => truncates(task, name)).length;
  const writers = truncating > 0;
  const owner = { object: name, superblock: `sb:${i_sb.name}`, referenced: true };
  const lock = i_sb.fs.invalidateLock(builder.era.name);
  const i_mapping: AddressSpace = registerConstant({
    gfp_mask: mask,
    invalidate_lock: builder.rwsem(lock, `${name}.${lock}`, { writers, owner }),
    i_pages: Array.from({ length: pages }, (_, index) =>
      registerConstant(
        createPageSlot(builder, name, index, {
          mapped: blocks === 'mapped',
          pageCache: i_sb.fs.supports.page_cache === true,
        }),
      ),
    ),
  });
  return registerConstant({
    name,
    kind: 'regular',
    i_sb,
    i_mapping,
    i_rwsem: builder.rwsem('i_rwsem', `${name}.i_rwsem`, { writers, unshared: truncating < 2, owner }),
    i_private: register(i_sb.fs.setupInode(builder, name, i_mapping)),
  });
}

function createVictim(
  builder: Builder,
  spec: Required<VictimSpec>,
  index: number,
  superblocks: ReadonlyMap<string, SuperBlock>,
): Victim {
  const i_sb = superblocks.get(spec.fs);
  if (i_sb === undefined)
    throw new ModelError('MM_FILESYSTEM_UNKNOWN', `victims[${index}]`, `no filesystem '${spec.fs}' is mounted`);
  const declared = i_sb.fs.reclaim.kinds[spec.kind];
  if (declared === undefined || !declared.eras.includes(builder.era.name)) {
    const known = Object.keys(i_sb.fs.reclaim.kinds).filter((kind) =>
      i_sb.fs.reclaim.kinds[kind]?.eras.includes(builder.era.name),
    );
    throw new ModelError(
      'MM_VICTIM_UNREACHABLE',
      `victims[${index}].kind`,
      `in ${builder.era.name} reclaim cannot reach '${spec.kind}' inodes of ${i_sb.fs.name}; it can reach: ${known.join(', ')}`,
    );
  }
  const name = `${spec.fs}/unused${index}`;
  return registerConstant({
    name,
    kind: spec.kind,
    via: declared.via,
    i_sb,
    ...(spec.supply === 'one' ? { unused: builder.world.cell(`${name}.unused`, 1, 1) } : {}),
    state: victimState(spec.kind),
    i_private: register(i_sb.fs.setupVictim?.(builder, name, i_sb)),
  });
}

/** What the name of a kind says about the inode. A filesystem may give a kind of its own any of these names. */
function victimState(kind: string): VictimState {
  return {
    unlinked: kind === 'orphan',
    dirtyTime: kind === 'lazytime',
    dontcacheDirty: kind === 'dontcache-dirty',
    journalledData: kind === 'data-journal',
    lastQuota: kind === 'quota',
    eofBlocks: kind === 'eofblocks',
  };
}

function register(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? registerConstant(value) : value;
}
