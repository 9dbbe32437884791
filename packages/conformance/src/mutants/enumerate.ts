import type { EraName, Filesystem, MappingGfpRule } from '@faultpath/mm';
import { eraNames } from '@faultpath/mm';
import { type Edit, type Edits, editedBody, type Releases } from './edits.ts';
import { throughFrames } from './frames.ts';
import { matters, moveKey } from './items.ts';
import type { Done, Pair, SeenFunction, Survey } from './survey.ts';

/** What a mutant does to its adapter. */
export type MutantKind =
  | 'drop-lock'
  | 'skip-freeze'
  | 'drop-handle'
  | 'drop-scope'
  | 'forget-unlock'
  | 'forget-restore'
  | 'release-early'
  | 'release-late'
  | 'take-late'
  | 'swap'
  | 'weaken-lock'
  | 'widen-mask'
  | 'widen-mapping';

/** One change of an adapter, made by the kit. */
export interface Mutant {
  /** Stable: kind, what is changed, and the function in which, `drop-lock:invalidate_lock@ext2_dax_fault`. */
  readonly id: string;
  readonly kind: MutantKind;
  /** One line: what is different. */
  readonly title: string;
  /** Functions that behave differently; empty where the adapter's data do. */
  readonly functions: readonly string[];
  readonly mutate: (fs: Filesystem) => Filesystem;
}

/** Every mutant of an adapter that the survey has a site for, in the order of its id. */
export function enumerateMutants(fs: Filesystem, seen: Survey): readonly Mutant[] {
  const releases = releasesOf(seen);
  const takes = takesOf(seen);
  const mutants = new Map<string, Mutant>();
  const made = new Set<string>();
  const add = (kind: MutantKind, subject: string, where: string, title: string, edits: Edits): void => {
    const id = `${kind}:${subject}@${where}`;
    // A call that takes two things is left out once.
    const change = JSON.stringify(edits);
    if (made.has(change)) return;
    made.add(change);
    const functions = Object.keys(edits);
    const mutate = (given: Filesystem): Filesystem => throughFrames(given, editedBody(edits, releases));
    if (!mutants.has(id)) mutants.set(id, { id, kind, title, functions, mutate });
  };
  for (const pair of [...seen.pairs].sort(locksFirst)) if (!isTold(pair)) pairMutants(pair, seen, releases, takes, add);
  for (const fn of seen.functions.values()) allocationMutants(fn, add);
  for (const mutant of mappingMutants(fs)) mutants.set(mutant.id, mutant);
  return [...mutants.values()].sort((left, right) => (left.id < right.id ? -1 : 1));
}

/** Where one change concerns a lock and a scope, it is named by the lock; otherwise by what comes first by name. */
function locksFirst(left: Pair, right: Pair): number {
  const rank = ({ what, name }: Pair): string => `${what} ${name}`;
  return rank(left).localeCompare(rank(right), 'en');
}

/** Waits and their ends, told as locks so that rules see who keeps whom: to tell them otherwise changes nothing that is done. */
function isTold({ kind, take, drop, taker, dropper, frame }: Pair): boolean {
  const inOneStep = taker === frame && dropper === frame && take.replace(/^take/, 'drop') === drop && kind === 'handle';
  return inOneStep || kind === 'commit' || kind === 'transaction' || kind === 'completion';
}

type Add = (kind: MutantKind, subject: string, where: string, title: string, edits: Edits) => void;

/** Items that give something back, by the function in which both ends meet. */
function releasesOf({ pairs }: Survey): Releases {
  const releases = new Map<string, Set<string>>();
  const note = (fn: string, key: string): void => {
    releases.set(fn, (releases.get(fn) ?? new Set()).add(key));
  };
  for (const { frame, drop, dropper, name } of pairs) {
    note(frame, drop);
    note(dropper, moveKey({ takes: false, name }));
  }
  return releases;
}

/** What an item of a function takes, if it is there to take something. */
type Takes = ReadonlyMap<string, string>;

function takesOf({ pairs, functions }: Survey): Takes {
  const takes = new Map<string, string>();
  for (const { frame, take, taker, name } of pairs) {
    takes.set(`${frame} ${itemOf(functions.get(frame), take, name)?.key ?? take}`, name);
    const key = itemOf(functions.get(taker), moveKey({ takes: true, name }), name)?.key;
    if (key !== undefined) takes.set(`${taker} ${key}`, name);
  }
  return takes;
}

const freezeLevel = /^sb_/;
const handleKinds: ReadonlySet<string> = new Set(['handle', 'transaction', 'log-space']);

function dropKind({ what, name, kind }: Pair): MutantKind {
  if (what === 'scope') return 'drop-scope';
  if (freezeLevel.test(name)) return 'skip-freeze';
  return handleKinds.has(kind) ? 'drop-handle' : 'drop-lock';
}

function pairMutants(pair: Pair, { functions }: Survey, releases: Releases, takes: Takes, add: Add): void {
  const { name, taker, dropper, frame, take, drop, what } = pair;
  const forget: MutantKind = what === 'scope' ? 'forget-restore' : 'forget-unlock';
  const ownTake = functions.has(taker);
  const ownDrop = functions.has(dropper);
  const takeKey = moveKey({ takes: true, name });
  const dropKey = moveKey({ takes: false, name });
  const calls = take.startsWith('call ') || drop.startsWith('call ');

  const leaveOut = (fn: string, key: string): readonly Edit[] => {
    const item = itemOf(functions.get(fn), key, name);
    if (item === undefined) return [];
    return item.whole ? [{ do: 'drop', key: item.key }] : [{ do: 'strip', key: item.key, name }];
  };
  // Where it is really taken and given back: for all who call these functions.
  if (ownTake && ownDrop) {
    const edits = merge([taker, leaveOut(taker, takeKey)], [dropper, leaveOut(dropper, dropKey)]);
    const where = taker === dropper ? taker : `${taker},${dropper}`;
    add(dropKind(pair), name, where, `${name} is not taken, and not given back`, edits);
  } else if (ownTake) {
    add(dropKind(pair), name, taker, `${name} is not taken`, merge([taker, leaveOut(taker, takeKey)]));
  }
  if (ownDrop) {
    for (const context of contextsOf(functions.get(dropper), dropKey, name)) {
      const item = itemOf(functions.get(dropper), dropKey, name);
      if (item === undefined || (context !== undefined && !item.whole)) continue;
      const edit: Edit = item.whole
        ? { do: 'drop', key: item.key, ...(context === undefined ? {} : { after: context }) }
        : { do: 'strip', key: item.key, name };
      const path = context === undefined ? '' : ` after ${context || 'its begin'}`;
      add(forget, name, `${dropper}${path}`, `${name} is not given back${path}`, { [dropper]: [edit] });
    }
  }
  if (pair.exclusive && ownTake && ownDrop && what === 'lock') {
    const weaken = (fn: string, key: string): readonly Edit[] => {
      const item = itemOf(functions.get(fn), key, name);
      return item === undefined ? [] : [{ do: 'weaken', key: item.key, name }];
    };
    const edits = merge([taker, weaken(taker, takeKey)], [dropper, weaken(dropper, dropKey)]);
    const where = taker === dropper ? taker : `${taker},${dropper}`;
    add('weaken-lock', name, where, `${name} is taken shared`, edits);
  }
  const common = functions.get(frame);
  if (common === undefined) return;
  if (calls) {
    const edits: Edits = { [frame]: [take, drop].map((key) => ({ do: 'drop', key })) };
    add(dropKind(pair), name, frame, `${frame} neither takes nor gives back ${name}`, edits);
    if (drop.startsWith('call ')) {
      const title = `${frame} does not give ${name} back`;
      add(forget, name, frame, title, { [frame]: [{ do: 'drop', key: drop }] });
    }
  }
  orderMutants(pair, common, releases.get(frame) ?? new Set(), takes, add);
}

/** Mutants that do the same things at other moments. */
function orderMutants(pair: Pair, fn: SeenFunction, releases: ReadonlySet<string>, takes: Takes, add: Add): void {
  const { name, frame } = pair;
  const take = itemOf(fn, pair.take, name)?.key ?? pair.take;
  const drop = itemOf(fn, pair.drop, name)?.key ?? pair.drop;
  const isWork = (key: string): boolean => matters(key) && !releases.has(key);
  let early = false;
  let afterDrop = false;
  const next = new Set<string>();
  for (const run of fn.runs.values()) {
    const keys = run.map((each) => each.key);
    const from = keys.indexOf(take);
    const to = keys.indexOf(drop, from + 1);
    if (from === -1 || to === -1) continue;
    early ||= keys.slice(from + 1, to).some(isWork);
    afterDrop ||= keys.slice(to + 1).some(isWork);
    const following = keys.slice(from + 1, to).find(isWork);
    if (following !== undefined) next.add(following);
  }
  if (early)
    add('release-early', name, frame, `${name} is given back a step early`, { [frame]: [{ do: 'early', key: drop }] });
  if (afterDrop)
    add('release-late', name, frame, `${name} is given back a step late`, { [frame]: [{ do: 'late', key: drop }] });
  if ((fn.results.get(take)?.size ?? 0) > 1) return;
  for (const until of next) {
    const taken = takes.get(`${frame} ${until}`);
    const edits: Edits = { [frame]: [{ do: 'late', key: take, until, before: drop }] };
    if (taken !== undefined) add('swap', `${name},${taken}`, frame, `${name} is taken after ${taken}`, edits);
    else
      add('take-late', `${name} after ${shortName(until)}`, frame, `${name} is taken after ${shortName(until)}`, edits);
  }
}

function shortName(key: string): string {
  return key.replace(/^call /, '').replace(/^step$/, 'the next step');
}

/** The item of a function that makes this move; `whole` when it does nothing else. */
function itemOf(
  fn: SeenFunction | undefined,
  key: string,
  name: string,
): { readonly key: string; readonly whole: boolean } | undefined {
  const takes = key.startsWith('take ');
  for (const run of fn?.runs.values() ?? [])
    for (const done of run) {
      const move = done.moves.find((each) => each.name === name && each.takes === takes);
      if (done.key !== key && move === undefined) continue;
      // A step that also reads or changes something has several results, and that is to stay.
      const plain = (fn?.results.get(done.key)?.size ?? 0) < 2 || move?.what === 'scope' || move?.kind === 'folio';
      return { key: done.key, whole: done.moves.length < 2 && plain };
    }
  return undefined;
}

/** What may come just before an item, where that is more than one thing; and in any case. */
function contextsOf(fn: SeenFunction | undefined, key: string, name: string): readonly (string | undefined)[] {
  const item = itemOf(fn, key, name);
  const contexts = new Set<string>();
  for (const run of fn?.runs.values() ?? [])
    for (const done of run) if (done.key === item?.key) contexts.add(done.after);
  return contexts.size < 2 ? [undefined] : [undefined, ...contexts];
}

function merge(...edits: readonly (readonly [string, readonly Edit[]])[]): Edits {
  const merged: Record<string, readonly Edit[]> = {};
  for (const [fn, own] of edits) merged[fn] = [...(merged[fn] ?? []), ...own];
  return merged;
}

function allocationMutants(fn: SeenFunction, add: Add): void {
  const sites = new Set<string>();
  const each = [...fn.runs.values()].flat().filter((done: Done) => done.widens);
  for (const { key } of each) sites.add(key);
  for (const key of sites) {
    const site = key.replace(/^alloc /, '');
    add('widen-mask', site, fn.name, `${site} is asked for with FS and IO`, { [fn.name]: [{ do: 'widen', key }] });
  }
}

const keepsFs: MappingGfpRule = {
  eras: eraNames,
  without: '__GFP_HIGHMEM|__GFP_MOVABLE',
  at: 'the mutant',
  because: 'FS is left in the mask',
};

/** Mapping masks that lose a flag keep FS instead. */
function* mappingMutants(fs: Filesystem): Generator<Mutant> {
  const clears = (rule: { readonly without: string } | null): boolean => rule?.without.includes('__GFP_FS') === true;
  if (clears(fs.mappingGfp)) {
    yield {
      id: 'widen-mapping:mappingGfp@inode setup',
      kind: 'widen-mapping',
      title: 'inode setup leaves FS in the mapping mask',
      functions: [],
      mutate: (given) => ({ ...given, mappingGfp: keepsFs }),
    };
  }
  for (const [kind, rules] of Object.entries(fs.mappingGfpByKind ?? {})) {
    if (!rules.some(clears)) continue;
    yield {
      id: `widen-mapping:${kind}@inode setup`,
      kind: 'widen-mapping',
      title: `inode setup leaves FS in the mapping mask of a ${kind}`,
      functions: [],
      mutate: (given) => ({ ...given, mappingGfpByKind: { ...given.mappingGfpByKind, [kind]: [keepsFs] } }),
    };
  }
}

/** Releases in which a filesystem's mutants are judged where none are named: the newest, and an old one. */
export function defaultEras(fs: Filesystem): readonly EraName[] {
  const { eras } = fs.supports;
  const newest = eras.at(-1);
  return [
    ...new Set([...(eras.includes('v4.12') ? (['v4.12'] as const) : []), ...(newest === undefined ? [] : [newest])]),
  ];
}
