import { type Call, type KernelFunction, kernelFunction, note } from '@faultpath/engine';
import { type EraName, eras, type FaultCase, type Filesystem, type TaskSpec } from '@faultpath/mm';

/** What is run, each alone: small enough to be explored whole. */
export type Probe =
  | 'read'
  | 'write'
  | 'sync'
  | 'huge'
  | 'reclaim'
  | 'freeze'
  | 'truncate'
  | 'fsync'
  | 'create'
  | 'mkdir'
  | 'symlink';

/** The tables of an adapter that have handlers. */
const tables = ['vm_ops', 'iomap_ops', 's_op', 'f_op', 'a_ops', 'i_op'] as const;

/** Said by a handler that comes back. */
export interface HandlerReturned {
  readonly type: 'handler-returned';
  /** `f_op.fsync`. */
  readonly field: string;
  readonly value: number;
}

/** Name of the function that stands around a handler in a probe. */
export const around = (field: string): string => `handler ${field}`;

/** Every handler of an adapter by its field. */
export function handlersOf(fs: Filesystem): readonly string[] {
  return tables.flatMap((table) => Object.keys(fs[table] ?? {}).map((name) => `${table}.${name}`));
}

/** Every probe that the adapter has a handler for, as a case. */
export function probesOf(fs: Filesystem, era: EraName): readonly (readonly [Probe, FaultCase])[] {
  const watched = watch(fs);
  const victims = Object.entries(fs.reclaim.kinds).flatMap(([kind, { eras: within }]) =>
    within.includes(era) ? [{ kind }] : [],
  );
  const run = (...tasks: readonly TaskSpec[]): FaultCase => ({ era, filesystem: watched, tasks });
  const { huge_fault } = fs.vm_ops;
  return [
    ['read', { ...run({ kind: 'read-fault' }), victims }],
    ['write', { ...run({ kind: 'write-fault' }), victims }],
    // Whoever does not declare it is asked too: it may do what it does not say.
    ...when(fs.supports.dax && eras[era].mapSync.is, 'sync', {
      ...run({ kind: 'write-fault', sync: true }),
      filesystem: { ...watched, supports: { ...fs.supports, sync_faults: true } },
    }),
    ...when(huge_fault !== undefined && eras[era].pmdGfp.is !== 'none', 'huge', run(hugeRead, hugeWrite)),
    ...when(victims.length > 0, 'reclaim', { ...run({ kind: 'kswapd' }), victims }),
    ['freeze', { ...run({ kind: 'freeze' }), victims }],
    ...(['truncate', 'fsync'] as const).flatMap((kind) =>
      when(fs.f_op[kind] !== undefined, kind, run({ kind: 'write-fault' }, { kind })),
    ),
    ...(['create', 'mkdir', 'symlink'] as const).flatMap((kind) =>
      when(fs.i_op?.[kind] !== undefined, kind, run({ kind })),
    ),
  ];
}

const hugeRead: TaskSpec = { kind: 'read-fault', size: 'pmd' };
const hugeWrite: TaskSpec = { kind: 'write-fault', size: 'pmd', inode: 1 };

function when(holds: boolean, probe: Probe, scenario: FaultCase): readonly (readonly [Probe, FaultCase])[] {
  return holds ? [[probe, scenario]] : [];
}

/** The adapter with something around each handler that says what it came back with. */
function watch(fs: Filesystem): Filesystem {
  const table = <T extends object>(name: string, given: T): T =>
    Object.fromEntries(
      Object.entries(given).map(([key, handler]) => [key, watchHandler(`${name}.${key}`, handler as Handler)]),
    ) as T;
  return {
    ...fs,
    // A file is mapped through the page cache where it is not DAX, whatever the adapter says.
    supports: fs.supports.dax ? fs.supports : { ...fs.supports, page_cache: true },
    vm_ops: table('vm_ops', fs.vm_ops),
    iomap_ops: table('iomap_ops', fs.iomap_ops),
    s_op: table('s_op', fs.s_op),
    f_op: table('f_op', fs.f_op),
    ...(fs.a_ops === undefined ? {} : { a_ops: table('a_ops', fs.a_ops) }),
    ...(fs.i_op === undefined ? {} : { i_op: table('i_op', fs.i_op) }),
  };
}

type Handler = KernelFunction<readonly unknown[], number>;

function watchHandler(field: string, handler: Handler): Handler {
  const call = (args: readonly unknown[]): Call<number> => handler(...args);
  return kernelFunction(around(field), function* (...args: readonly unknown[]) {
    const value: number = yield* call(args);
    const returned: HandlerReturned = { type: 'handler-returned', field, value };
    yield note(`${field} comes back`, Object.freeze(returned));
    return value;
  });
}
