import type { FaultpathEvent, LockEvent } from '@faultpath/lockdep';
import { describe, expect, test } from 'vitest';
import { checkTrace, readTrace } from '../src/index.ts';
import { line, textSource, vocabularies } from './recordings.ts';

async function locksOf(text: string): Promise<readonly LockEvent[]> {
  const events: FaultpathEvent[] = [];
  await readTrace(textSource(text), { vocabularies }, { event: (event) => events.push(event) });
  return events.filter((event) => event.type === 'lock');
}

const told = (events: readonly LockEvent[]): readonly string[] =>
  events.map(({ task, action, lock, mode }) => `${task} ${action} ${lock} ${mode}`);

const down = (time: string, sem: string, caller: string, task?: string): string =>
  line(time, `down_write: (down_write+0x0/0x60) sem=${sem} caller=${caller}+0x1/0x2`, task);
const up = (time: string, sem: string, task?: string): string =>
  line(time, `up_write: (up_write+0x0/0x60) sem=${sem} caller=x+0x1/0x2`, task);

describe('waiting for a lock', () => {
  test('the lock that was just asked for is the one waited for, whatever form its address has', async () => {
    for (const address of ['ff19a924c14baca0', '00000000deadbeef']) {
      const locks = await locksOf(
        down('1.000001', '0xff19a924c14baca0', 'ext4_map_blocks') +
          line('1.000002', `contention_begin: ${address} (flags=WRITE)`) +
          line('1.000003', `contention_end: ${address} (ret=0)`) +
          up('1.000004', '0xff19a924c14baca0'),
      );
      expect(told(locks)).toEqual([
        'faults-392 acquired i_data_sem exclusive',
        'faults-392 contended i_data_sem exclusive',
        'faults-392 release i_data_sem exclusive',
      ]);
      expect(new Set(locks.map(({ instance }) => instance)).size).toBe(1);
    }
  });

  test('a wait that ends with an error leaves the task without the lock', async () => {
    const locks = await locksOf(
      down('1.000001', '0xff01', 'ext4_map_blocks') +
        line('1.000002', 'contention_begin: ff01 (flags=WRITE)') +
        line('1.000003', 'contention_end: ff01 (ret=-4)') +
        line('1.000004', 'kmalloc: call_site=f+0x1/0x2 ptr=1 bytes_req=1 bytes_alloc=1 gfp_flags=GFP_KERNEL'),
    );
    expect(locks.at(-1)).toMatchObject({ action: 'release', lock: 'i_data_sem' });
  });

  test('who holds the lock tells its class where the waiter has no probe', async () => {
    const locks = await locksOf(
      down('1.000001', '0xff01', 'ext4_map_blocks', 'owner-7') +
        line('1.000002', 'contention_begin: 000000000000ff01 (flags=READ)', 'waiter-8') +
        up('1.000003', '0xff01', 'owner-7') +
        line('1.000004', 'contention_end: 000000000000ff01 (ret=0)', 'waiter-8') +
        line('1.000005', 'up_read: (up_read+0x0/0x60) sem=0xff01 caller=x+0x1/0x2', 'waiter-8'),
    );
    expect(told(locks)).toEqual([
      'owner-7 acquired i_data_sem exclusive',
      'waiter-8 contended i_data_sem shared',
      'owner-7 release i_data_sem exclusive',
      'waiter-8 acquired i_data_sem shared',
      'waiter-8 release i_data_sem shared',
    ]);
  });

  test('otherwise the backtrace tells it, by the vocabulary or by the caller itself', async () => {
    const stack = (caller: string): string =>
      `${line('1.000003', '<stack trace>')} => trace_event_raw_event_contention_begin\n => rwsem_down_read_slowpath\n => down_read\n => ${caller}\n => vfs_write\n`;
    const wait = (caller: string): string => line('1.000002', 'contention_begin: ff01 (flags=READ)') + stack(caller);
    const [known] = await locksOf(wait('ext4_map_blocks'));
    expect(known).toMatchObject({ lock: 'i_data_sem', backtrace: ['ext4_map_blocks', 'vfs_write'] });
    const [unknown] = await locksOf(wait('some_driver_read'));
    expect(unknown).toMatchObject({ lock: 'some_driver_read', kind: 'rwsem' });
    // Without probes on the locking functions nobody would see it dropped, so it is never taken.
    expect(await locksOf(wait('ext4_map_blocks') + line('1.000004', 'contention_end: ff01 (ret=0)'))).toHaveLength(1);
  });

  test.each([
    ['READ|PERCPU', 'percpu-rwsem', 'shared'],
    ['MUTEX', 'mutex', 'exclusive'],
    ['SPIN|MUTEX', 'mutex', 'exclusive'],
    ['RT|WRITE', 'mutex', 'exclusive'],
    ['0x0', 'unknown', 'exclusive'],
  ])('flags %s mean a %s, %s', async (flags, kind, mode) => {
    const locks = await locksOf(line('1.000002', `contention_begin: ff01 (flags=${flags})`));
    expect(locks).toMatchObject([{ action: 'contended', kind, mode }]);
  });

  test.each(['SPIN', 'SPIN|READ'])('a lock that spins (%s) is counted and left out', async (flags) => {
    const report = await checkTrace(textSource(line('1.000002', `contention_begin: ff01 (flags=${flags})`)), {
      vocabularies,
    });
    expect(report.recording).toMatchObject({ atomicLocks: 1, events: 0 });
  });

  test('an event without its fields is reported', async () => {
    const text = line('1.000002', 'contention_begin: nothing') + line('1.000003', 'sys_enter: NR 1');
    const report = await checkTrace(textSource(text), { vocabularies });
    expect(report.recording.unreadable.count).toBe(1);
  });
});
