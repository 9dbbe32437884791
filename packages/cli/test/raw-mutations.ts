import type { TraceFault } from '@faultpath/trace';

/** One changed line of a recording. */
export interface RawMutant {
  readonly kind: RawMutation;
  /** The changed line without time and addresses, to say in a list which ones survive. */
  readonly what: string;
  readonly lines: readonly string[];
}

export const rawMutations = ['swap', 'drop', 'duplicate', 'mask', 'move'] as const;
export type RawMutation = (typeof rawMutations)[number];

const EVENT = /^.*? \d+\.\d+: (\w+): (.*)$/;
const LOCKS =
  /^((down|up|downgrade)_(read|write)(_trylock(_ret)?)?|mutex_(lock|unlock|trylock)|xfs_i(lock|lock_nowait|unlock)|xfs_buf_(lock_done|trylock|unlock|init)|lock_(acquire|release))$/;
const SCOPES = /^(xfs_trans_(alloc|free)|jbd2_handle_(start|stats))$/;
const ALLOCATIONS = /^(kmalloc|kmem_cache_alloc|mm_page_alloc)(_node)?$/;
const FLAGS = ['__GFP_ZERO', '__GFP_ACCOUNT', '__GFP_NOFAIL'];

/** Lines of the fault about locks that sleep, scopes, transactions, and allocations that may sleep. */
export function mutableLines(lines: readonly string[], { where, events }: TraceFault): readonly number[] {
  const told = new Set(events.map((event) => event.where?.line));
  const first = where.line ?? 1;
  const last = Math.max(...events.map((event) => event.where?.line ?? 0));
  return lines.flatMap((line, at) => {
    if (at + 1 < first || at + 1 > last) return [];
    const [, name = '', body = ''] = EVENT.exec(line) ?? [];
    if (!LOCKS.test(name) && !SCOPES.test(name) && !ALLOCATIONS.test(name)) return [];
    if (/gfp_flags=GFP_(ATOMIC|NOWAIT)/.test(body) || body.endsWith(' fs_reclaim')) return [];
    // lockdep names spinlocks too: only what became an event is a lock that sleeps.
    return name.startsWith('lock_') && !told.has(at + 1) ? [] : [at];
  });
}

/** Changes one of the lines at `places`; undefined where the draw cannot be made there. */
export function mutateLines(
  lines: readonly string[],
  places: readonly number[],
  random: () => number,
): RawMutant | undefined {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const kind = pick(rawMutations);
  const index = Math.floor(random() * places.length);
  const at = places[index] as number;
  const line = lines[at] as string;
  const what = nameOf(line);
  const changed = [...lines];
  switch (kind) {
    case 'drop':
      changed.splice(at, 1);
      break;
    case 'duplicate':
      changed.splice(at, 0, line);
      break;
    case 'swap': {
      const other = places[index + 1];
      if (other === undefined || nameOf(lines[other] as string) === what) return undefined;
      changed[at] = lines[other] as string;
      changed[other] = line;
      break;
    }
    case 'move': {
      const to = pick(places);
      if (Math.abs(places.indexOf(to) - index) < 2) return undefined;
      changed.splice(at, 1);
      changed.splice(to > at ? to - 1 : to, 0, line);
      break;
    }
    case 'mask': {
      const flag = pick(FLAGS);
      const mask = /gfp_flags=(\S+)/.exec(line)?.[1];
      if (mask === undefined) return undefined;
      const names = mask.split('|');
      const turned = names.includes(flag) ? names.filter((name) => name !== flag) : [...names, flag];
      // A combined name hides its flags; what it means as well stays as it is.
      if (flag === '__GFP_ACCOUNT' && mask.includes('_ACCOUNT') && !names.includes(flag)) return undefined;
      changed[at] = line.replace(`gfp_flags=${mask}`, `gfp_flags=${turned.join('|')}`);
      break;
    }
  }
  if (changed.join('\n') === lines.join('\n')) return undefined;
  return { kind, what, lines: changed };
}

/** Event, caller or site, and flags: what tells one line from another for a reader. */
function nameOf(line: string): string {
  const [, name = '', body = ''] = EVENT.exec(line) ?? [];
  const told = /(?:caller=|caller |call_site=)(\w+)/.exec(body)?.[1] ?? /\(\S+ <- (\w+)\)/.exec(body)?.[1];
  const flags = /(?:^| )flags (\S+)/.exec(body)?.[1];
  const mask = /gfp_flags=(\S+)/.exec(body)?.[1];
  const lockdep = name.startsWith('lock_') ? body.replace(/^\S+ /, '') : undefined;
  return [name, lockdep ?? told, flags, name === 'mm_page_alloc' ? mask : undefined]
    .filter((word) => word !== undefined)
    .join(' ');
}
