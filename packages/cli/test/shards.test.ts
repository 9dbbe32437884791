import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from './io.ts';

const selection = ['conformance', '--fs', 'ext2', '--era', 'v5.15,v6.1', '--case', 'dax/001,dax/002', '--json'];

/** A document without the time it took. */
function timeless(text: string): unknown {
  const { summary, ...rest } = JSON.parse(text);
  return { ...rest, summary: { ...summary, seconds: undefined } };
}

test('three shards, merged, are the unsharded run', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'faultpath-shards-'));
  try {
    const whole = await run(selection);
    for (const shard of [1, 2, 3]) {
      const { stdout } = await run([...selection, '--shard', `${shard}/3`]);
      await writeFile(join(folder, `${shard}.json`), stdout);
    }
    const merged = await run(['merge', '3.json', '1.json', '2.json', '--json'], { cwd: folder });
    expect(timeless(merged.stdout)).toEqual(timeless(whole.stdout));
    expect(merged.code).toBe(whole.code);
    expect(whole.stdout).toContain('"sameAs"');
  } finally {
    await rm(folder, { recursive: true });
  }
});
