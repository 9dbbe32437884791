import type { FaultpathEvent } from '@faultpath/lockdep';
import type { FaultFacts } from './fault-facts.ts';

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isCount: Check = (value) => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const isFlag: Check = (value) => typeof value === 'boolean';
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value);

/** Members in `needed` must be there; those in `optional` must be right where they are. Others are ignored. */
const shape =
  (needed: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check =>
  (value) => {
    if (typeof value !== 'object' || value === null) return false;
    const members = value as Readonly<Record<string, unknown>>;
    for (const name in needed) if (!needed[name]?.(members[name])) return false;
    for (const name in optional) if (members[name] !== undefined && !optional[name]?.(members[name])) return false;
    return true;
  };

const isMask = shape(
  { how: oneOf('recorded', 'derived', 'unknown') },
  { text: isText, fs: isFlag, io: isFlag, directReclaim: isFlag, nolockdep: isFlag },
);
const isWhere = shape(
  {},
  {
    file: isText,
    line: isCount,
    record: isCount,
    timestamp: isText,
    cpu: (value) => typeof value === 'number',
    step: isCount,
  },
);
const isKind = oneOf(
  'rwsem',
  'percpu-rwsem',
  'mutex',
  'spinlock',
  'rwlock',
  'pseudo',
  'folio',
  'dax-entry',
  'buffer',
  'handle',
  'commit',
  'transaction',
  'log-space',
  'freeze',
  'writeback',
  'completion',
  'unknown',
);
const isOwner = shape({ object: isText }, { superblock: isText, referenced: isFlag });
const base = { task: isText };
const extra = { where: isWhere, backtrace: isTexts };
const wait = shape({ ...base, lock: isText, instance: isText, kind: isKind }, extra);

const checks: Readonly<Record<string, Check>> = {
  __proto__: null as never,
  lock: shape(
    {
      ...base,
      action: oneOf('acquire', 'contended', 'acquired', 'release'),
      lock: isText,
      instance: isText,
      mode: oneOf('exclusive', 'shared', 'recursive-shared'),
      kind: isKind,
    },
    { ...extra, subclass: isCount, trylock: isFlag, owner: isOwner, filesystem: isText },
  ),
  alloc: shape(
    { ...base, site: isText, requested: isMask, effective: isMask },
    { ...extra, order: isCount, charged: isFlag, mapping: isMask },
  ),
  scope: shape(
    {
      ...base,
      action: oneOf('enter', 'exit'),
      scope: oneOf('NOFS', 'NOIO', 'MEMALLOC', 'transaction', 'handle'),
      by: isText,
    },
    extra,
  ),
  reclaim: shape(
    {
      ...base,
      action: oneOf('enter', 'exit'),
      via: oneOf('direct', 'memcg', 'kswapd', 'drop_caches', 'shrinker'),
      effective: isMask,
    },
    extra,
  ),
  fault: shape(
    { ...base, action: oneOf('enter', 'exit'), access: oneOf('read', 'write', 'cow', 'mkwrite', 'unknown') },
    { ...extra, ret: isTexts, detail: isText },
  ),
  wait,
  wake: wait,
  'mask-store': shape({ ...base, cell: isText, from: isMask, to: isMask, by: isText }, extra),
  lost: shape(base, { ...extra, count: isCount }),
};

const isReclaim = shape(
  { via: oneOf('direct', 'memcg'), effective: isMask, where: isWhere, took: isTexts },
  {
    enteredBy: shape({ site: isText, where: isWhere }),
  },
);
const isFacts = shape(
  {
    type: oneOf('fault-facts'),
    task: isText,
    kind: isText,
    access: oneOf('read', 'write', 'cow', 'mkwrite', 'unknown'),
    where: isWhere,
    events: isCount,
    reclaims: (value) => Array.isArray(value) && value.every(isReclaim),
    dropped: isCount,
    complete: isFlag,
  },
  { fs: isText, address: isText, inode: isText, ret: isTexts, openEnded: isFlag, contradiction: isWhere },
);

/** Whether a line of an event file tells of a fault as a whole. */
export function isFaultFacts(value: unknown): value is FaultFacts {
  return isFacts(value);
}

/** Whether a line of an event file is an event as `schema/events-2.json` describes it. */
export function isEvent(value: unknown): value is FaultpathEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { type } = value as { readonly type?: unknown };
  return typeof type === 'string' && checks[type]?.(value) === true;
}
