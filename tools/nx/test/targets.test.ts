import { expect, test } from 'vitest';
import { targetsOf } from '../targets.mjs';

const manifest = { name: '@faultpath/mm', version: '1.2.3' };

test('a package gets all targets', () => {
  expect(Object.keys(targetsOf('packages/mm', manifest, true))).toEqual(['build', 'types', 'lint', 'test', 'pack']);
});

test('a package without tests gets no test target', () => {
  expect(Object.keys(targetsOf('packages/mm', manifest, false))).not.toContain('test');
});

test('pack is cached by the name npm gives the tarball', () => {
  const outputs = (name: string) => targetsOf('packages/a', { name, version: '1.2.3' }, false)['pack']?.outputs;
  expect(outputs('@faultpath/mm')).toEqual(['{workspaceRoot}/dist/packs/faultpath-mm-1.2.3.tgz']);
  expect(outputs('faultpath')).toEqual(['{workspaceRoot}/dist/packs/faultpath-1.2.3.tgz']);
});
