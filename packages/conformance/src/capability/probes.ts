import { type Call, kernelFunction, note } from '@faultpath/engine';
import { type EraName, eras, type FaultCase, type Filesystem, type TaskSpec } from '@faultpath/mm';
import { type Handler, mapHandlers } from '../handlers.ts';

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

/** Said by a handler that comes back. */
export interface HandlerReturned {
  readonly type: 'handler-returned';
  /** `f_op.fsync`. */
  readonly field: string;
  readonly value: number;
}

/** Name of the function that stands around a handler in a probe. */
export const around = (field: string): string => `handler ${field}`;

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
  // A file is mapped through the page cache where it is not DAX, whatever the adapter says.
  const supports = fs.supports.dax ? fs.supports : { ...fs.supports, page_cache: true };
  return { ...mapHandlers(fs, watchHandler), supports };
}

function watchHandler(handler: Handler, field: string): Handler {
  const call = (args: readonly unknown[]): Call<number> => handler(...args);
  return kernelFunction(around(field), function* (...args: readonly unknown[]) {
    const value: number = yield* call(args);
    const returned: HandlerReturned = { type: 'handler-returned', field, value };
    yield note(`${field} comes back`, Object.freeze(returned));
    return value;
  });
}
