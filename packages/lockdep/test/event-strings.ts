import { ClassGraph, judge, type LockEvent, type LockKind, type LockMode, rules, TaskTracker } from '../src/index.ts';
import { GFP_KERNEL, GFP_NOFS, GFP_NOLOCKDEP, type Script, script } from './events.ts';

/** What all locks of one column are. */
interface Column {
  readonly name: string;
  readonly kind: LockKind;
  readonly mode: LockMode;
  readonly trylock?: boolean;
}

const columns: readonly Column[] = [
  { name: 'mutex, write lock', kind: 'mutex', mode: 'exclusive' },
  { name: 'rwsem read', kind: 'rwsem', mode: 'shared' },
  { name: 'rwlock recursive read', kind: 'rwlock', mode: 'recursive-shared' },
  { name: 'trylock', kind: 'mutex', mode: 'exclusive', trylock: true },
  { name: 'folio lock', kind: 'folio', mode: 'exclusive' },
  { name: 'DAX entry', kind: 'dax-entry', mode: 'exclusive' },
  { name: 'journal handle', kind: 'handle', mode: 'shared' },
];

/**
 * The rows. Tasks stand between bars. A capital takes the lock of that name, `'` another instance of it, `1` nests it;
 * everything is released at the task's end. `f` allocates with `__GFP_FS`, `n` without, `q` with `__GFP_NOLOCKDEP`;
 * `(…)` is in kswapd or direct reclaim, `<…>` in memory-cgroup reclaim, `[…]` below drop_caches.
 */
const rows: readonly (readonly [string, string])[] = [
  ['A A', 'the same lock twice'],
  ["A A'", 'two of a class'],
  ["A A'1", 'two of a class, with nesting'],
  ['A B | A B', 'one order'],
  ['A B | B A', 'two orders'],
  ['A B | B C | C A', 'three tasks in a ring'],
  ['A B | C A | B C', 'the same ring, told otherwise'],
  ['A B | B C | C D | D A', 'four tasks in a ring'],
  ['A B C D | B D | D A', 'an inversion across a longer order'],
  ['A B C | A C | B C', 'three locks, one order'],
  ['A f | ( A )', 'allocation under what reclaim takes'],
  ['A ( A )', 'the same in one task'],
  ['A n | ( A )', 'allocation without FS'],
  ['A q | ( A )', 'allocation that lockdep is told to overlook'],
  ['A f | < A >', 'what only memory-cgroup reclaim was seen to take'],
  ['A f | [ A ]', 'what only drop_caches was seen to take'],
  ['A f | ( B ) | B A', 'reclaim waits for it through another task'],
  ['A f | ( B )', 'reclaim takes something else'],
];

const masks = { f: GFP_KERNEL, n: GFP_NOFS, q: GFP_NOLOCKDEP } as const;
const entries = { '(': 'direct', '<': 'memcg', '[': 'drop_caches' } as const;

function scriptOf(row: string, column: Column): Script {
  const source = script();
  row.split('|').forEach((part, index) => {
    source.task(`t${index}`);
    const taken: { lock: string; extra: Partial<LockEvent> }[] = [];
    for (const word of part.trim().split(' ')) {
      if (word in masks) {
        source.alloc(masks[word as keyof typeof masks]);
        continue;
      }
      if (word in entries) {
        source.reclaim(entries[word as keyof typeof entries]);
        continue;
      }
      if (/^[)>\]]$/.test(word)) continue;
      const lock = word[0]!;
      const { kind, mode, trylock } = column;
      const extra = {
        kind,
        mode,
        instance: word.includes("'") ? `${lock}'` : lock,
        ...(word.endsWith('1') && { subclass: 1 }),
        ...(trylock && { trylock }),
      };
      source.want(lock, extra).take(lock, extra);
      taken.push({ lock, extra });
    }
    for (const { lock, extra } of taken.reverse()) source.dropAs(lock, extra.kind!, extra.instance);
    if (/[(<[]/.test(part)) source.reclaimed();
  });
  return source;
}

function kernelReports(source: Script): boolean {
  const graph = new ClassGraph({ theory: 'kernel' });
  const tracker = new TaskTracker();
  for (const event of source.events) {
    graph.onEvent(event, tracker.context(event.task));
    tracker.apply(event);
  }
  return graph.cycles.length > 0;
}

async function weReport(source: Script): Promise<boolean> {
  const judged = rules.filter(({ id }) => id === 'lockdep/circular' || id === 'gfp/fs-recursion');
  const { findings } = await judge(source.events, { rules: judged, provides: ['locks', 'effective-mask'] });
  return findings.some(({ level }) => level === 'error');
}

/** `fires`, `fires here` where the kernel's lockdep stays silent, `kernel only`, or a dash. */
async function cell(row: string, column: Column): Promise<string> {
  const source = scriptOf(row, column);
  const kernel = kernelReports(source);
  const here = await weReport(source);
  if (here) return kernel ? 'fires' : 'fires here';
  return kernel ? 'kernel only' : '-';
}

/** The table of `docs/lockdep.md`, as Markdown. */
export async function table(): Promise<string> {
  const lines = [
    `| events | meaning | ${columns.map(({ name }) => name).join(' | ')} |`,
    `| --- | --- | ${columns.map(() => '---').join(' | ')} |`,
  ];
  for (const [row, meaning] of rows) {
    const cells = await Promise.all(columns.map((column) => cell(row, column)));
    lines.push(`| \`${row.replaceAll('|', '\\|')}\` | ${meaning} | ${cells.join(' | ')} |`);
  }
  return lines.join('\n');
}
