import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readProcLockdep } from '../src/index.ts';

function recorded(): string[] {
  const file = new URL('./fixtures/proc-lockdep-xfs.txt.gz', import.meta.url);
  return gunzipSync(readFileSync(file)).toString('utf8').split('\n');
}

describe('readProcLockdep', () => {
  it('reads classes and direct dependencies of a recorded kernel', () => {
    const classes = readProcLockdep(recorded());
    // `lock-classes` of the same kernel's /proc/lockdep_stats.
    expect(classes).toHaveLength(635);
    const reclaim = classes.find(({ id }) => id === 'fs_reclaim')!;
    expect(reclaim.usage).toBe('+.+.');
    expect(reclaim.after).not.toContain('&xfs_nondir_ilock_class');
    expect(classes.find(({ id }) => id === '&mm->mmap_lock')!.after).toContain('fs_reclaim');
    expect(classes.find(({ id }) => id === '&xfs_dir_ilock_class/5')).toMatchObject({
      lock: '&xfs_dir_ilock_class',
      subclass: 5,
    });
  });

  it('reads the operation counts of a debug kernel', () => {
    const [one] = readProcLockdep([
      'all lock classes:',
      '0000000081ac99a1 OPS:     123 FD:    1 BD:   47 ..-.: (a).lock',
      ' -> [0000000081ac99a2] b',
    ]);
    expect(one).toMatchObject({ id: '(a).lock', usage: '..-.', after: ['b'] });
  });

  it.each([[[]], [['']], [['hello']], [['all lock classes:']], [[' -> [0000000081ac99a2] b']]])(
    'refuses %j',
    (lines) => {
      expect(() => readProcLockdep(lines)).toThrow(expect.objectContaining({ code: 'FAULTPATH_BAD_PROC_LOCKDEP' }));
    },
  );
});
