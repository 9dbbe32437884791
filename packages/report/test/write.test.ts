import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { beginWhole, writeWhole } from '../src/index.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'faultpath-report-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('a file is written, and written over, and nothing stays beside it', async () => {
  const path = join(folder, 'out.json');
  await writeWhole(path, 'one');
  await writeWhole(path, 'two');
  expect(await readFile(path, 'utf8')).toBe('two');
  expect(await readdir(folder)).toEqual(['out.json']);
});

test('a link stays a link', async () => {
  await writeFile(join(folder, 'real'), 'old');
  await symlink('real', join(folder, 'link'));
  await writeWhole(join(folder, 'link'), 'new');
  expect(await readFile(join(folder, 'real'), 'utf8')).toBe('new');
});

test('what cannot be written leaves everything as it was', async () => {
  await mkdir(join(folder, 'taken'));
  await expect(writeWhole(join(folder, 'taken'), 'x')).rejects.toMatchObject({ code: 'REPORT_CANNOT_WRITE' });
  await expect(writeWhole(join(folder, 'missing', 'out'), 'x')).rejects.toMatchObject({ code: 'REPORT_CANNOT_WRITE' });
  expect(await readdir(folder)).toEqual(['taken']);
});

test('a file in pieces appears whole when it is kept, and not at all when it is dropped', async () => {
  const path = join(folder, 'out');
  await writeFile(path, 'old');
  const dropped = await beginWhole(path);
  dropped.write('half');
  dropped.drop();
  expect(await readFile(path, 'utf8')).toBe('old');
  const kept = await beginWhole(path);
  kept.write('all ');
  kept.write('of it');
  expect(await readFile(path, 'utf8')).toBe('old');
  kept.keep();
  kept.drop();
  expect(await readFile(path, 'utf8')).toBe('all of it');
  expect(await readdir(folder)).toEqual(['out']);
  await expect(beginWhole(join(folder, 'missing', 'out'))).rejects.toMatchObject({ code: 'REPORT_CANNOT_WRITE' });
});
