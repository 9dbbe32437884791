import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkTrace, readFaults, type TraceReport, writeEvents } from '../src/index.ts';
import { fixture, fixtureText, line, textSource, vocabularies } from './recordings.ts';

const options = { vocabularies, anonymous: true, allowTruncated: true, file: 'recording' };

async function converted(source: Parameters<typeof writeEvents>[0]): Promise<string> {
  const pieces: string[] = [];
  await writeEvents(source, options, (piece) => {
    pieces.push(piece);
  });
  return pieces.join('');
}

/** What a report says of the recording, and not of the form of its file; as JSON, in which nothing is `undefined`. */
function said({ faults, findings, notrun, recording }: TraceReport): object {
  const { kernel, lostEvents, unmatchedReleases, atomicLocks, truncated, events } = recording;
  const counts = { lostEvents, unmatchedReleases, atomicLocks, truncated, events };
  return JSON.parse(JSON.stringify({ faults, findings, notrun, release: kernel.release, ...counts }));
}

const names = [
  '5.10-ext4-dax-read-hole',
  '6.1-ext4-dax-sync-write-hole',
  '6.1-ext4-page-write-hole',
  '6.1-xfs-dax-write-hole',
  '7.2-ext4-dax-write-hole',
  'lockdep-6.1-ext2-dax-write-hole',
  'lockdep-6.1-ext4-dax-sync-write-hole',
  'lockdep-6.1-xfs-dax-munmap-mapped',
  'xfs-dax-write-hole.report',
];

const kernel = 'GFP_KERNEL_ACCOUNT|__GFP_ZERO';
const page = `mm_page_alloc: page=1 pfn=0x1 order=0 migratetype=0 gfp_flags=${kernel}`;

/** A fault that enters reclaim under the DAX entry, and meets a lock that no vocabulary knows. */
const underPressure = [
  line('1.0', 'page_fault_user: address=0x7f00 ip=0x1 error_code=0x4'),
  line('1.1', 'down_read: (down_read+0x0/0xa0) sem=0xff01 caller=lock_mm_and_find_vma+0x1/0x2'),
  line('1.2', 'dax_pte_fault: dev 259:0 ino 0x1 shared USER address 0x7f00 pgoff 0x0'),
  line('1.3', 'iomap_iter: dev 259:0 ino 0x1 pos 0x0 length 0x1000 flags FAULT (0x8) ops ext4_iomap_ops caller f'),
  line('1.4', `mm_vmscan_direct_reclaim_begin: order=0 gfp_flags=${kernel}`),
  line('1.5', 'mutex_lock: (mutex_lock+0x0/0xa0) lock=0xff02 caller=nobody_knows_this+0x1/0x2'),
  line('1.6', 'mutex_unlock: (mutex_unlock+0x0/0xa0) lock=0xff02 caller=nobody_knows_this+0x1/0x2'),
  line('1.7', 'mm_vmscan_direct_reclaim_end: nr_reclaimed=32'),
  line('1.8', page),
  line('1.9', 'dax_pte_fault_done: dev 259:0 ino 0x1 shared USER address 0x7f00 pgoff 0x0 NOPAGE'),
  line('2.0', 'up_read: (up_read+0x0/0xa0) sem=0xff01 caller=do_user_addr_fault+0x1/0x2'),
  line('2.1', 'sys_enter: NR 1'),
].join('');

describe('an event file', () => {
  test.each(names)('%s: says of faults, findings and what is not run all that the recording says', async (name) => {
    const there = await checkTrace(fixture(name), options);
    const back = await checkTrace(textSource(await converted(fixture(name))), options);
    expect(said(back)).toEqual(said(there));
  });

  test('keeps what a fault is known by beside its events: reclaim, address, inode', async () => {
    const [there] = (await readFaults(textSource(underPressure), options)).faults;
    const [back] = (await readFaults(textSource(await converted(textSource(underPressure))), options)).faults;
    expect(there?.reclaims[0]).toMatchObject({ took: ['nobody_knows_this'], enteredBy: { site: 'pte_alloc_one' } });
    expect(there).toMatchObject({ address: '0x7f00', inode: '259:0 inode 0x1' });
    expect(back).toEqual(there);
  });

  test('says the same of any selection of lines of recordings, and of tasks that fault at once', async () => {
    const texts = ['6.1-xfs-dax-write-hole', 'lockdep-6.1-ext4-dax-sync-write-hole'].map(fixtureText);
    const other = underPressure.replaceAll('faults-392', 'others-17');
    const pool = [...texts, underPressure, other].map((text) =>
      text.split('\n').filter((each) => !each.startsWith('#')),
    );
    const part = fc.record({
      which: fc.nat(pool.length - 1),
      from: fc.nat(400),
      size: fc.integer({ min: 1, max: 300 }),
      without: fc.array(fc.nat(300), { maxLength: 8 }),
    });
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 4 }), async (parts) => {
        const lines = parts.flatMap(({ which, from, size, without }) => {
          const all = pool[which] as string[];
          const start = from % all.length;
          return all.slice(start, start + size).filter((_, at) => !without.includes(at));
        });
        const text = `${lines.join('\n')}\n`;
        const there = await checkTrace(textSource(text), options).catch((error: { code?: string }) => error.code);
        // What has no event at all has nothing to be converted to.
        if (there === undefined || typeof there === 'string' || there.recording.events === 0) return;
        compared += 1;
        const back = await checkTrace(textSource(await converted(textSource(text))), options);
        expect(said(back)).toEqual(said(there));
      }),
      { numRuns: 150 },
    );
    expect(compared).toBeGreaterThan(50);
  });

  test('of the first schema is still read; it knows no more of a fault than its events tell', async () => {
    const second = await converted(textSource(underPressure));
    const lines = second.trimEnd().split('\n');
    const first = lines.filter((text) => !text.includes('"fault-facts"'));
    first[0] = '{"schema":"faultpath/events/1","end":true}';
    const { events } = JSON.parse(first.at(-1) as string);
    first[first.length - 1] = JSON.stringify({ type: 'end', events, kernel: '6.1' });
    const [fault] = (await readFaults(textSource(first.join('\n')), options)).faults;
    expect(fault).toMatchObject({ fs: 'ext4', kind: 'dax read pte', reclaims: [] });
    expect(fault?.address).toBeUndefined();
  });

  test('without one of the events shows the fault in part; without its facts, that a line is damaged', async () => {
    const lines = (await converted(textSource(underPressure))).trimEnd().split('\n');
    const one = lines.findIndex((text) => text.includes('"alloc"'));
    const without = await readFaults(textSource(lines.filter((_, at) => at !== one).join('\n')), options);
    expect(without.faults.map(({ complete }) => complete)).toEqual([false]);
    expect(without.recording.unreadable.count).toBe(1);
    const facts = lines.findIndex((text) => text.includes('"fault-facts"'));
    const spoilt = lines.map((text, at) => (at === facts ? text.replace('"dropped":0', '"dropped":-1') : text));
    const damaged = await readFaults(textSource(spoilt.join('\n')), options);
    expect([damaged.faults.length, damaged.recording.unreadable.count]).toEqual([0, 1]);
  });

  test('of a recording that was read in part says so', async () => {
    const text = fixtureText('6.1-xfs-dax-write-hole').slice(0, -40);
    const half = text.indexOf('\n', text.length / 2);
    const events = await converted(textSource(`${text.slice(0, half)}\nno event\n${text.slice(half + 1)}`));
    await expect(checkTrace(textSource(events), { vocabularies })).rejects.toMatchObject({ code: 'TRACE_TRUNCATED' });
    const { recording } = await checkTrace(textSource(events), options);
    expect([recording.truncated, recording.unreadable.count > 0]).toEqual([true, true]);
  });
});
