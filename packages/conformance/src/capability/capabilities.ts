import { coreLocks, type EraName, eras, type Filesystem, VM_FAULT } from '@faultpath/mm';
import { handlersOf } from '../handlers.ts';
import { type Observation, type Observations, type ObservedLock, observe, takesStep } from './observe.ts';
import { around } from './probes.ts';

/** One thing that an adapter says of itself, and what was seen of it. */
export interface Capability {
  /** Field of the adapter, `supports.dax`. */
  readonly field: string;
  readonly declared: boolean;
  readonly behaved: boolean;
  /** Where it is declared and nothing of it was seen: what is missing. */
  readonly missing: string;
  /** Where it is not declared and was seen: what was seen. */
  readonly seen: string;
}

/** Everything that an adapter may declare and that a run can show, in one era. */
export function capabilitiesOf(fs: Filesystem, era: EraName): readonly Capability[] {
  const seen = observe(fs, era);
  return [
    dax(fs, seen),
    pageCache(fs, seen),
    transactions(fs, seen),
    ...syncFaults(fs, era, seen),
    ...hugeFaults(fs, era, seen),
    ...pageMkwrite(fs, seen),
    ...truncate(fs, era, seen),
    ...handlers(fs, era, seen),
    ...threads(fs, era, seen),
    ...kinds(fs, era),
    ...locks(fs, era, seen),
  ];
}

/** Nothing more was to be seen: nobody was stuck, and no budget was spent. */
export function sawEverything({ by }: Observations): boolean {
  return [...by.values()].every(({ cutShort }) => !cutShort);
}

const faultsOf = ({ by }: Observations): readonly Observation[] =>
  (['read', 'write'] as const).flatMap((probe) => by.get(probe) ?? []);

const everyLock = ({ by }: Observations): readonly ObservedLock[] => [...by.values()].flatMap(({ locks }) => locks);

/** What a fault takes itself, and not what reclaim takes in it. */
const takes = ({ locks }: Observation, kind: ObservedLock['kind']): boolean =>
  locks.some((lock) => lock.kind === kind && !lock.daemon && !lock.functions.includes('shrink_node'));

function dax(fs: Filesystem, seen: Observations): Capability {
  return {
    field: 'supports.dax',
    declared: fs.supports.dax,
    behaved: faultsOf(seen).some((fault) => takes(fault, 'dax-entry')),
    missing: 'no fault locks a DAX entry',
    seen: 'a fault locks a DAX entry',
  };
}

function pageCache(fs: Filesystem, seen: Observations): Capability {
  return {
    field: 'supports.page_cache',
    declared: fs.supports.page_cache === true,
    // Old releases lock a page for a hole of a DAX file, beside the entry.
    behaved: faultsOf(seen).some((fault) => takes(fault, 'folio') && !takes(fault, 'dax-entry')),
    missing: 'no fault locks a page of the page cache',
    seen: 'a fault locks a page of the page cache',
  };
}

function transactions(fs: Filesystem, seen: Observations): Capability {
  const taken = everyLock(seen);
  const wide = Object.entries(fs.locks).flatMap(([name, { scope }]) =>
    scope === 'superblock' || scope === 'journal' ? [name] : [],
  );
  const opened = taken.some(({ kind }) => kind === 'handle' || kind === 'transaction' || kind === 'log-space');
  // nilfs2 and f2fs: whoever changes something holds it shared, and the thread that writes it all out exclusively.
  const shared = wide.some(
    (name) =>
      taken.some(({ lock, daemon, mode }) => lock === name && daemon && mode === 'exclusive') &&
      taken.some(({ lock, daemon, mode }) => lock === name && !daemon && mode !== 'exclusive'),
  );
  const what = 'a handle, a transaction, log space, or a lock of the superblock that a thread takes exclusively';
  return {
    field: 'supports.transactions',
    declared: fs.supports.transactions,
    behaved: opened || shared,
    missing: `nothing takes ${what}`,
    seen: `something takes ${what}`,
  };
}

function syncFaults(fs: Filesystem, era: EraName, { by }: Observations): readonly Capability[] {
  if (!eras[era].mapSync.is) return [];
  const probe = by.get('sync');
  const finished = probe?.functions.has('dax_finish_sync_fault') === true && !probe.faults.has('VM_FAULT_NEEDDSYNC');
  return [
    {
      field: 'supports.sync_faults',
      declared: fs.supports.sync_faults,
      behaved: finished,
      missing: 'a MAP_SYNC write fault does not end with dax_finish_sync_fault, or gives NEEDDSYNC to the core',
      seen: 'a MAP_SYNC write fault ends with dax_finish_sync_fault',
    },
  ];
}

function hugeFaults(fs: Filesystem, era: EraName, { by }: Observations): readonly Capability[] {
  if (fs.vm_ops.huge_fault === undefined || eras[era].pmdGfp.is === 'none') return [];
  const codes = [...(by.get('huge')?.returned.get('vm_ops.huge_fault') ?? [])];
  return [onlyDeclared('vm_ops.huge_fault', codes.some(withoutFallback), 'it always falls back to one page')];
}

const withoutFallback = (code: number): boolean => (code & VM_FAULT.FALLBACK) === 0;

function pageMkwrite(fs: Filesystem, { by }: Observations): readonly Capability[] {
  if (fs.vm_ops.page_mkwrite === undefined) return [];
  const codes = [...(by.get('write')?.returned.get('vm_ops.page_mkwrite') ?? [])];
  const locked = codes.some((code) => (code & VM_FAULT.LOCKED) !== 0);
  return [onlyDeclared('vm_ops.page_mkwrite', locked, 'no write fault comes back from it with the page locked')];
}

function truncate(fs: Filesystem, era: EraName, { by }: Observations): readonly Capability[] {
  if (fs.f_op.truncate === undefined) return [];
  const taken = (by.get('truncate')?.locks ?? []).filter(({ functions }) =>
    functions.includes(around('f_op.truncate')),
  );
  const name = fs.invalidateLock(era);
  // Pages of the page cache have locks of their own, and some filesystems have no other against faults.
  const excludes = taken.some(({ lock, mode }) => (lock === name || lock === 'folio_lock') && mode === 'exclusive');
  return [onlyDeclared('f_op.truncate', excludes, `it never takes ${name} exclusively, nor locks a page`)];
}

/** Called by nobody in a probe, or only in the detail that recordings show. */
const notProbed = ['vm_ops.map_pages', 'a_ops.readahead', 'f_op.truncate', 'vm_ops.huge_fault', 'vm_ops.page_mkwrite'];

/** A handler may do nothing in one era; one that never does anything is better left out. */
function handlers(fs: Filesystem, era: EraName, seen: Observations): readonly Capability[] {
  return handlersOf(fs)
    .filter((field) => !notProbed.includes(field) && !(field.startsWith('iomap_ops.') && !fs.supports.dax))
    .map((field) =>
      onlyDeclared(
        field,
        inSomeEra(fs, era, seen, (each) => takesStep(each, field)),
        'it is never called, or takes no step',
      ),
    );
}

/** A thread that no probe needs is not judged. */
function threads(fs: Filesystem, era: EraName, seen: Observations): readonly Capability[] {
  const ran = ({ by }: Observations, name: string): readonly boolean[] =>
    [...by.values()].flatMap(({ threads }) =>
      [...threads].flatMap(([thread, stepped]) => (thread.startsWith(`${name}/`) ? [stepped] : [])),
    );
  return fs.threads
    .filter(({ name }) => ran(seen, name).length > 0)
    .map(({ name }) =>
      onlyDeclared(
        `threads.${name}`,
        inSomeEra(fs, era, seen, (each) => ran(each, name).includes(true)),
        'it takes no step',
      ),
    );
}

function kinds(fs: Filesystem, era: EraName): readonly Capability[] {
  return Object.entries(fs.reclaim.kinds)
    .filter(([, kind]) => kind.via === 'shrinker' && kind.eras.includes(era))
    .map(([name]) =>
      onlyDeclared(
        `reclaim.kinds.${name}`,
        fs.s_op.shrink !== undefined,
        'a shrinker of its own reaches it, and s_op.shrink is missing',
      ),
    );
}

function locks(fs: Filesystem, era: EraName, seen: Observations): readonly Capability[] {
  const within = (name: string): boolean => fs.locks[name]?.eras?.includes(era) ?? true;
  const named = Object.keys(fs.locks).filter(within);
  const taken = (each: Observations, name: string): boolean => everyLock(each).some(({ lock }) => lock === name);
  const strange = [...new Set(everyLock(seen).map(({ lock }) => lock))].filter(
    (name) => !named.includes(name) && !(name in coreLocks),
  );
  return [
    ...named.map((name) =>
      onlyDeclared(
        `locks.${name}`,
        inSomeEra(fs, era, seen, (each) => taken(each, name)),
        'nobody takes it',
      ),
    ),
    ...strange.map((name) => ({
      field: `locks.${name}`,
      declared: false,
      behaved: true,
      missing: '',
      seen: `somebody takes a lock of this name in ${era}`,
    })),
  ];
}

function onlyDeclared(field: string, behaved: boolean, missing: string): Capability {
  return { field, declared: true, behaved, missing, seen: '' };
}

function inSomeEra(fs: Filesystem, era: EraName, seen: Observations, holds: (each: Observations) => boolean): boolean {
  if (holds(seen)) return true;
  return fs.supports.eras.some((other) => {
    if (other === era) return false;
    const there = observe(fs, other);
    return holds(there) || !sawEverything(there);
  });
}
