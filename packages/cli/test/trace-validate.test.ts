import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errorCode, run } from './io.ts';
import { mismatch, type Schema } from './schema-check.ts';

const recording = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/validate/${name}.txt.gz`, import.meta.url));
const textOf = async (name: string): Promise<string> => gunzipSync(await readFile(recording(name))).toString();

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultpath-validate-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('trace validate', () => {
  test('accepts a recorded read fault, and counts what it left out', async () => {
    const { code, stdout, stderr } = await run(['trace', 'validate', recording('6.1-ext4-dax-read-hole')]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^accepted: ext4 dax read hole pte/);
    expect(stdout).toMatch(/1 alloc that cannot sleep, __es_insert_extent: .+/);
  });

  test('refuses the same fault with one lock left out, and shows both sides', async () => {
    const text = await textOf('6.1-ext4-dax-read-hole');
    const without = text.split('\n').filter((line) => !/(down|up)_read: .*caller=ext4_map_blocks/.test(line));
    await writeFile(join(folder, 'no-i_data_sem'), without.join('\n'));
    const { code, stdout } = await run(['trace', 'validate', 'no-i_data_sem', '--json'], { cwd: folder });
    expect(code).toBe(1);
    const [{ faults }] = JSON.parse(stdout).recordings;
    expect(faults[0].verdict).toBe('refused');
    expect(faults[0].disagreement.agreed).toMatchObject({ type: 'lock', lock: 'dax_entry', action: 'acquired' });
    expect(faults[0].disagreement.kernel).toMatchObject({ type: 'alloc', site: 'ext4_find_extent' });
    const offered = faults[0].disagreement.offered.map((step: { event: { lock?: string } }) => step.event.lock);
    expect(offered).toContain('i_data_sem');
    expect(faults[0].disagreement.offered[0].backtrace).toContain('dax_iomap_pte_fault');
    const { stdout: people } = await run(['trace', 'validate', 'no-i_data_sem'], { cwd: folder });
    expect(people).toMatch(/the kernel then: alloc ext4_find_extent[\s\S]+the model offers:[\s\S]+takes i_data_sem/);
  });

  test('refuses a page-table page outside the scope of the handle', async () => {
    const text = await textOf('6.1-ext4-dax-write-hole');
    const wider = text.replace(
      'gfp_flags=GFP_NOFS|__GFP_ZERO|__GFP_ACCOUNT',
      'gfp_flags=GFP_KERNEL_ACCOUNT|__GFP_ZERO',
    );
    expect(wider).not.toBe(text);
    await writeFile(join(folder, 'wider'), wider);
    expect((await run(['trace', 'validate', 'wider'], { cwd: folder })).code).toBe(1);
  });

  test('refuses a lock that is dropped twice', async () => {
    // Also the one that ends the fault.
    for (const caller of ['ext4_map_blocks', 'do_user_addr_fault']) {
      const lines = (await textOf('6.1-ext4-dax-read-hole')).split('\n');
      const at = lines.findLastIndex((line) => line.includes('up_read: ') && line.includes(`caller=${caller}`));
      lines.splice(at, 0, lines[at] as string);
      await writeFile(join(folder, 'twice'), lines.join('\n'));
      const { code, stdout } = await run(['trace', 'validate', 'twice'], { cwd: folder });
      expect(code).toBe(1);
      expect(stdout).toContain('contradicts itself');
    }
  });

  test('refuses a fault of v6.1 as one of v4.9', async () => {
    const { code } = await run(['trace', 'validate', recording('6.1-ext4-dax-write-hole'), '--era', 'v4.9']);
    expect(code).toBe(1);
  });

  test('accepts a page that gets its block at once, in a handle, and not without the handle', async () => {
    const mkwrite = (await textOf('6.1-ext4-page-upgrade-hole')).split('\n');
    const dax = (await textOf('6.1-ext4-dax-write-hole')).split('\n');
    const begin = dax.findLastIndex(
      (line) => line.includes(' ext4_journal_start: ') && line.includes('dax_huge_fault'),
    );
    const end = dax.findIndex((line, at) => at > begin && line.includes('jbd2_handle_stats:'));
    const inside = dax
      .slice(begin, end + 1)
      .filter(
        (line) =>
          !/ (dax_\w+|grab_mapping_entry(_ret)?|iomap_iter\w*): |GFP_NOFS\|__GFP_ZERO\|__GFP_ACCOUNT$/.test(line),
      );
    const from = mkwrite.findIndex((line) => line.includes('call_site=alloc_buffer_head'));
    const to = mkwrite.findIndex((line) => /up_write: .*ext4_da_get_block_prep/.test(line));
    const [task = ''] = /^.*?\] \S+ +/.exec(mkwrite[from] as string) ?? [];
    const started = inside.findIndex((line) => line.includes('jbd2_handle_start:'));
    const moved = [...inside.slice(0, started + 1), mkwrite[from] as string, ...inside.slice(started + 1)].map(
      (line) => `${task}526.311200: ${line.replace(/^.*?\d+\.\d+: /, '')}`,
    );
    const text = [...mkwrite.slice(0, from), ...moved, ...mkwrite.slice(to + 1)];
    await writeFile(join(folder, 'at once'), text.join('\n'));
    const { code, stdout } = await run(['trace', 'validate', 'at once'], { cwd: folder });
    expect([code, stdout.split('\n')[0]]).toEqual([0, expect.stringMatching(/^accepted: ext4 page mkwrite/)]);
    const bare = text.filter(
      (line) => !/ (jbd2_handle_(start|stats)|ext4_journal_start): |jbd2__journal_start/.test(line),
    );
    await writeFile(join(folder, 'bare'), bare.join('\n'));
    expect((await run(['trace', 'validate', 'bare'], { cwd: folder })).code).toBe(1);
  });

  test('compares a kernel between the eras with the nearest one, and names it', async () => {
    const { code, stdout } = await run(['trace', 'validate', recording('5.10-ext4-dax-read-hole')]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^accepted: .* of ext4 v5\.15: read fault; the kernel is 5\.10, to which v5\.15 is the nearest/,
    );
    const newer = await run(['trace', 'validate', recording('7.2-ext4-page-write-hole'), '--json']);
    expect(newer.code).toBe(0);
    const [{ faults }] = JSON.parse(newer.stdout).recordings;
    expect(faults[0]).toMatchObject({ verdict: 'accepted', model: 'ext4 v6.12: page-cache write fault' });
    expect(faults[0].insteadOf).toMatch(/^7\.2\b/);
  });

  test('a difference from the nearest era is notrun, by name; a recording that contradicts itself is refused', async () => {
    const text = await textOf('5.10-ext4-dax-read-hole');
    const without = text.split('\n').filter((line) => !/(down|up)_read: .*caller=ext4_map_blocks/.test(line));
    await writeFile(join(folder, 'other'), without.join('\n'));
    const { code, stdout } = await run(['trace', 'validate', 'other'], { cwd: folder });
    expect(code).toBe(2);
    expect(stdout).toMatch(
      /^notrun: .*5\.10.* parts from it .*kernel: alloc ext4_find_extent.*model: takes i_data_sem/,
    );
    expect((await run(['trace', 'validate', 'other', '--era', 'v5.15'], { cwd: folder })).code).toBe(1);
    const lines = text.split('\n');
    const at = lines.findIndex((line) => /up_read: .*caller=ext4_map_blocks/.test(line));
    lines.splice(at, 0, lines[at] as string);
    await writeFile(join(folder, 'twice'), lines.join('\n'));
    expect((await run(['trace', 'validate', 'twice'], { cwd: folder })).code).toBe(1);
    expect((await run(['trace', 'validate', recording('7.2-xfs-dax-write-hole')])).stdout).toMatch(
      /^notrun: .*xfs_buf_alloc/,
    );
  });

  test('is notrun, by name, where there is no model, and that is no success', async () => {
    const { code, stdout } = await run(['trace', 'validate', recording('6.1-xfs-dax-cow-hole'), '--era', 'v4.9']);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^notrun: xfs dax cow hole pte.*: copying a page/);
    expect((await run(['trace', 'validate', recording('6.1-ext4-dax-read-hole'), '--fs', 'xfs'])).code).toBe(2);
  });

  test('answers for every recording it can read, and ends with 2 where it cannot read one', async () => {
    await writeFile(join(folder, 'empty'), '');
    const good = recording('6.1-xfs-dax-read-hole');
    const { code, stdout } = await run(['trace', 'validate', good, join(folder, 'empty'), '--json']);
    expect(code).toBe(2);
    const { schema, recordings } = JSON.parse(stdout);
    expect(schema).toBe('faultpath/validation/1');
    expect(recordings[0].faults[0].verdict).toBe('accepted');
    expect(recordings[1].error.code).toBe('TRACE_EMPTY');
  });

  test('takes a recording that was cut off as incomplete, also where what is there is accepted', async () => {
    const text = await textOf('6.1-ext4-dax-read-hole');
    await writeFile(join(folder, 'cut'), text.slice(0, -20));
    expect((await run(['trace', 'validate', 'cut', '--allow-truncated'], { cwd: folder })).code).toBe(2);
  });

  test('refuses what it cannot read or does not know, by code', async () => {
    await writeFile(join(folder, 'garbage'), 'not a trace at all\n'.repeat(50));
    const codes = [];
    for (const argv of [['garbage'], ['missing'], ['garbage', '--era', 'v1.0'], ['garbage', '--fs', 'ext5'], []]) {
      const outcome = await run(['trace', 'validate', ...argv], { cwd: folder });
      expect(outcome.code).toBe(2);
      codes.push(errorCode(outcome));
    }
    expect(codes).toEqual([
      'TRACE_NOT_A_TRACE',
      'TRACE_UNREADABLE_FILE',
      'CLI_BAD_VALUE',
      'CLI_BAD_VALUE',
      'CLI_MISSING_ARGUMENT',
    ]);
  });

  test('prints what the published schema says, of every verdict and of a file that is none', async () => {
    const text = await textOf('6.1-ext4-dax-read-hole');
    const without = text.split('\n').filter((line) => !/(down|up)_read: .*caller=ext4_map_blocks/.test(line));
    await writeFile(join(folder, 'refused'), without.join('\n'));
    await writeFile(join(folder, 'empty'), '');
    const inside = text.slice(0, text.indexOf('\n', text.indexOf('dax_pte_fault:')) + 1);
    await writeFile(join(folder, 'in part'), inside);
    const names = [recording('6.1-ext4-dax-read-hole'), 'in part'];
    const { stdout } = await run(['trace', 'validate', ...names, 'refused', 'empty', '--json'], { cwd: folder });
    const file = new URL('../../trace/schema/validation-1.schema.json', import.meta.url);
    const schema = JSON.parse(await readFile(file, 'utf8')) as Schema;
    const document = JSON.parse(stdout);
    expect(mismatch(document, schema)).toBeUndefined();
    const verdicts = document.recordings.flatMap((each: { faults?: { verdict: string }[] }) =>
      (each.faults ?? []).map(({ verdict }) => verdict),
    );
    expect(verdicts).toEqual(['accepted', 'notrun', 'refused']);
    document.recordings[0].faults[0].verdict = 'passed';
    expect(mismatch(document, schema)).toBeDefined();
  });
});
