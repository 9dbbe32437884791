import { faultAutomata, traceValidations, traceVocabularies } from '@faultpath/integration';
import { type ValidatedFault, validateTrace } from '@faultpath/trace';
import { describe, expect, test } from 'vitest';
import { recordedLines } from './recorded-faults.ts';

const options = { vocabularies: traceVocabularies, validations: traceValidations, provide: faultAutomata() };

const SHRINKERS = 'lock_acquire: 00000000aaaaaaa1 try read shrinker_rwsem';
const SHRUNK = 'lock_release: 00000000aaaaaaa1 shrinker_rwsem';
const UMOUNT = 'lock_acquire: 00000000aaaaaaa2 try read &type->s_umount_key';
const UMOUNT_DONE = 'lock_release: 00000000aaaaaaa2 &type->s_umount_key';
const scan = [SHRINKERS, UMOUNT, UMOUNT_DONE, SHRUNK];

/** A recorded fault whose page-table page, by its mask, goes through reclaim that does this. */
async function pressed(
  name: string,
  inside: readonly string[],
  mask = 'GFP_KERNEL_ACCOUNT|__GFP_ZERO',
  keep: (line: string) => boolean = () => true,
): Promise<ValidatedFault> {
  const lines = recordedLines(name).filter(keep);
  const at = lines.findLastIndex((line) => line.includes(' mm_page_alloc: ') && line.endsWith(`gfp_flags=${mask}`));
  const [prefix = ''] = /^.*?\d+\.\d+: /.exec(lines[at] ?? '') ?? [];
  const reclaim = [
    `mm_vmscan_memcg_reclaim_begin: order=0 gfp_flags=${mask}`,
    ...inside,
    'mm_vmscan_memcg_reclaim_end: nr_reclaimed=32',
  ];
  lines.splice(at, 0, ...reclaim.map((event) => `${prefix}${event}`));
  const { faults } = await validateTrace([Buffer.from(lines.join('\n'), 'latin1')], options);
  expect(faults).toHaveLength(1);
  return faults[0] as ValidatedFault;
}

describe('a fault that entered reclaim', () => {
  test.each(['ext2', 'ext4', 'xfs'])('%s: is accepted where the model has what reclaim took', async (fs) => {
    const name = `lockdep-6.1-${fs}-dax-read-hole`;
    const once = await pressed(name, scan);
    expect(once.verdict).toBe('accepted');
    expect('leftOut' in once && once.leftOut).toContainEqual(
      expect.objectContaining({ what: 'lock shrinker_rwsem inside reclaim', count: 2 }),
    );
    expect((await pressed(name, [...scan, ...scan])).verdict).toBe('accepted');
  });

  test('is notrun, by name, where reclaim took what the model does not have', async () => {
    const swaps = [
      'lock_acquire: 00000000aaaaaaa3 shmem_swaplist_mutex',
      'lock_release: 00000000aaaaaaa3 shmem_swaplist_mutex',
    ];
    const fault = await pressed('lockdep-6.1-ext4-dax-read-hole', [...scan, ...swaps]);
    expect(fault).toMatchObject({ verdict: 'notrun', reason: expect.stringContaining('shmem_swaplist_mutex') });
  });

  test('is notrun where reclaim waits for what it only tries in the model', async () => {
    const waits = scan.map((line) => line.replace('try read shrinker_rwsem', 'read shrinker_rwsem'));
    const fault = await pressed('lockdep-6.1-ext4-dax-read-hole', waits);
    expect(fault).toMatchObject({ verdict: 'notrun', reason: expect.stringContaining('shrinker_rwsem') });
  });

  test('is refused for a filesystem that its mask does not allow, and not for what reclaim does then', async () => {
    const name = 'lockdep-6.1-ext4-dax-write-hole';
    const scoped = 'GFP_NOFS|__GFP_ZERO|__GFP_ACCOUNT';
    expect((await pressed(name, [SHRINKERS, SHRUNK], scoped)).verdict).toBe('accepted');
    expect((await pressed(name, scan, scoped)).verdict).toBe('refused');
  });

  test('is refused for what is wrong outside of reclaim', async () => {
    const name = 'lockdep-6.1-ext4-dax-read-hole';
    const released = await pressed(name, scan, undefined, (line) => !/lock_(acquire|release): .*i_data_sem/.test(line));
    expect(released.verdict).toBe('refused');
  });

  test('is notrun where no allocation behind it can have entered reclaim', async () => {
    const name = 'lockdep-6.1-ext4-dax-read-hole';
    const lines = recordedLines(name);
    const end = lines.findLastIndex((line) => line.includes(' &mm->mmap_lock'));
    const [prefix = ''] = /^.*?\d+\.\d+: /.exec(lines[end] ?? '') ?? [];
    const late = [
      'mm_vmscan_memcg_reclaim_begin: order=0 gfp_flags=GFP_KERNEL',
      'mm_vmscan_memcg_reclaim_end: nr_reclaimed=0',
    ];
    const text = lines.toSpliced(end, 0, ...late.map((event) => `${prefix}${event}`)).join('\n');
    const { faults } = await validateTrace([Buffer.from(text, 'latin1')], options);
    expect(faults).toMatchObject([{ verdict: 'notrun', reason: expect.stringContaining('no allocation behind it') }]);
  });
});
