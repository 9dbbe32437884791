import { expect, test } from 'vitest';
import { completeLockfile, platformOfName } from '../../lockfile/platform-entries.mjs';
import { lockfile } from '../lockfile.mjs';
import { findingsIn } from './repository.ts';

const incomplete = {
  lockfileVersion: 3,
  packages: {
    '': {},
    'node_modules/@faultpath/mm': { resolved: 'packages/mm', link: true },
    'node_modules/a': { version: '1.0.0', dev: true, optionalDependencies: { '@a/cli-linux-arm64-musl': '1.0.0' } },
  },
};
const found = (lock: object) => findingsIn(lockfile, { 'package-lock.json': JSON.stringify(lock) });

test('an optional dependency without an entry is found, and none once it is completed', () => {
  expect(found(incomplete)).toEqual(['package-lock.json:1']);
  expect(found(completeLockfile(incomplete))).toEqual([]);
});

test('a recorded download address is found', () => {
  const complete = completeLockfile(incomplete);
  const packages = {
    ...complete.packages,
    'node_modules/b': { version: '1.0.0', resolved: 'https://example.org/b.tgz' },
  };
  expect(found({ ...complete, packages })).toEqual(['package-lock.json:1']);
});

test('an entry added is one that npm skips on other platforms', () => {
  expect(completeLockfile(incomplete).packages['node_modules/@a/cli-linux-arm64-musl']).toEqual({
    version: '1.0.0',
    cpu: ['arm64'],
    dev: true,
    libc: ['musl'],
    optional: true,
    os: ['linux'],
  });
});

test.each([
  ['@nx/nx-linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'], libc: ['glibc'] }],
  ['@rollup/rollup-win32-x64-gnu', { os: ['win32'], cpu: ['x64'], libc: undefined }],
  ['@rollup/rollup-darwin-arm64', { os: ['darwin'], cpu: ['arm64'], libc: undefined }],
])('%s', (name, platform) => {
  expect(platformOfName(name)).toEqual(platform);
});
