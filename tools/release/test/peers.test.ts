import { expect, test } from 'vitest';
import { withPeers } from '../peers.mjs';

test('our peers take the range, and others keep theirs', () => {
  const manifest = { version: '0.2.0', peerDependencies: { '@faultpath/mm': '^0.1.0', vitest: '^4.0.0' } };
  expect(withPeers(manifest, '^0.2.0').peerDependencies).toEqual({ '@faultpath/mm': '^0.2.0', vitest: '^4.0.0' });
});

test('a package without peers stays as it is', () => {
  const manifest = { version: '0.2.0' };
  expect(withPeers(manifest, '*')).toBe(manifest);
});
