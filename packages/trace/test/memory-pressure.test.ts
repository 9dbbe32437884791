import { describe, expect, test } from 'vitest';
import { checkTrace, readFaults, type TraceFault } from '../src/index.ts';
import { fixtureText, textSource, vocabularies } from './recordings.ts';

/** A line of a recording with its backtrace, if it has one. */
type Entry = string;

function entriesOf(text: string): Entry[] {
  const entries: Entry[] = [];
  for (const each of text.split('\n')) {
    if (each.startsWith('#') || each === '') continue;
    if (each.startsWith(' =>')) entries[entries.length - 1] += `\n${each}`;
    else entries.push(each);
  }
  return entries;
}

const taskOf = (entry: Entry): string => /^ *(\S+)/.exec(entry)?.[1] ?? '';
const ownEntries = (name: string): Entry[] => {
  const all = entriesOf(fixtureText(name));
  const own = taskOf(all.find((entry) => entry.includes('page_fault_user')) as Entry);
  return all.filter((entry) => taskOf(entry) === own);
};

const asTask = (entries: readonly Entry[], task: string): Entry[] =>
  entries.map((entry) => entry.replace(/^ *\S+/, task.padStart(16)));

const timeOf = (entry: Entry): string => /(\d+\.\d+): /.exec(entry)?.[1] ?? '0';

/** The reclaim of a recording of real pressure, as this task's, at this time. */
function reclaimAt(fs: string, at: Entry): Entry[] {
  const entries = entriesOf(fixtureText(`lockdep-6.1-${fs}-dax-memcg-reclaim.part`));
  const end = (entries.at(-1) as Entry).replace(/lock_release: .*/, 'mm_vmscan_memcg_reclaim_end: nr_reclaimed=32');
  return asTask([...entries, end], taskOf(at)).map((entry) => entry.replace(/\d+\.\d+: /, `${timeOf(at)}: `));
}

/** Where `mm_page_alloc` stands whose backtrace, some entries later, has this caller. */
function allocation(entries: readonly Entry[], caller: RegExp, mask: string): number {
  const stack = entries.findIndex(
    (entry) => entry.includes('<stack trace>') && entry.includes('mm_page_alloc') && caller.test(entry),
  );
  const at = entries.slice(0, Math.max(stack, 0)).findLastIndex((entry) => entry.includes('mm_page_alloc:'));
  if (entries[at]?.includes(`gfp_flags=${mask}`) !== true) throw new Error(`no allocation by ${String(caller)}`);
  return at;
}

/** A recorded fault of this filesystem whose allocation goes through the recorded reclaim. */
function pressed(fs: string, caller: RegExp, mask: string, task: string): Entry[] {
  const entries = ownEntries(`lockdep-6.1-${fs}-dax-write-hole`);
  const at = allocation(entries, caller, mask);
  return asTask([...entries.slice(0, at), ...reclaimAt(fs, entries[at] as Entry), ...entries.slice(at)], task);
}

/** Tasks on two CPUs, one record of each in turn. */
function atOnce(...tasks: readonly (readonly Entry[])[]): string {
  const lines: Entry[] = [];
  for (let at = 0; tasks.some((entries) => at < entries.length); at += 1) {
    for (const [cpu, entries] of tasks.entries()) {
      const entry = entries[at];
      if (entry !== undefined) lines.push(entry.replaceAll(/\[\d{3}\]/g, `[00${cpu}]`));
    }
  }
  return `${lines.join('\n')}\n`;
}

const KERNEL = 'GFP_KERNEL_ACCOUNT|__GFP_ZERO';
const NOFS = 'GFP_NOFS|__GFP_ZERO|__GFP_ACCOUNT';
const options = { vocabularies };

const entered = ({ task, reclaims }: TraceFault): readonly unknown[] => [
  task,
  reclaims.map(({ via, enteredBy }) => [via, enteredBy?.site]),
];

describe('faults under memory pressure, made of recorded faults and recorded reclaim', () => {
  test.each(['ext4', 'xfs', 'ext2'])('%s: the reclaim is given to the allocation that it stands in', async (fs) => {
    const text = atOnce(pressed(fs, /__do_fault/, KERNEL, 'first-11'));
    const { faults } = await readFaults(textSource(text), { ...options, anonymous: true });
    const [only] = faults.filter(({ reclaims }) => reclaims.length > 0);
    expect(only && entered(only)).toEqual(['first-11', [['memcg', 'pte_alloc_one']]]);
    const [reclaim] = only?.reclaims ?? [];
    expect(reclaim?.took).toEqual(expect.arrayContaining(['shrinker_rwsem', 's_umount']));
    expect(reclaim?.enteredBy?.where.line).toBeGreaterThan(reclaim?.where.line ?? 0);
    const alloc = only?.events.find(
      (event) => event.type === 'alloc' && event.where?.line === reclaim?.enteredBy?.where.line,
    );
    expect(alloc).toMatchObject({ site: 'pte_alloc_one', effective: { text: KERNEL } });
  });

  test('of tasks that fault at once each has its own', async () => {
    const text = atOnce(
      pressed('ext4', /__do_fault/, KERNEL, 'first-11'),
      pressed('xfs', /__get_locked_pte/, KERNEL, 'second-12'),
    );
    const { faults } = await readFaults(textSource(text), options);
    expect(new Map(faults.map((fault) => entered(fault) as [string, unknown]))).toEqual(
      new Map([
        ['first-11', [['memcg', 'pte_alloc_one']]],
        ['second-12', [['memcg', 'pte_alloc_one']]],
      ]),
    );
  });

  test('is given to none where the allocation, in the scope of a handle, cannot have entered it', async () => {
    const text = atOnce(pressed('ext4', /__get_locked_pte/, NOFS, 'first-11'));
    const { faults } = await readFaults(textSource(text), options);
    expect(faults.map(entered)).toEqual([['first-11', [['memcg', undefined]]]]);
  });

  test('is judged: what reclaim took stands behind what the fault held', async () => {
    const text = atOnce(
      pressed('xfs', /__do_fault/, KERNEL, 'first-11'),
      pressed('xfs', /__get_locked_pte/, KERNEL, 'second-12'),
    );
    const { findings, recording } = await checkTrace(textSource(text), options);
    expect(recording.unreadable.count).toBe(0);
    // Reclaim tries each of these locks, and waits for none: no deadlock can come of it.
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
    const waits = text.replaceAll('lock_acquire: 00000000661f0466 try read', 'lock_acquire: 00000000661f0466 read');
    expect(waits).not.toBe(text);
    const holder = [
      'lock_acquire: 00000000661f0466 &type->s_umount_key',
      'lock_acquire: 0000000011111111 read &mm->mmap_lock',
    ]
      .map((event) => `        umount-13    [001] ...1.   200.000001: ${event}\n`)
      .join('');
    const worse = await checkTrace(textSource(`${waits}${holder}`), options);
    expect(worse.findings.map(({ rule, level }) => [rule, level])).toContainEqual(['gfp/fs-recursion', 'error']);
  });
});
