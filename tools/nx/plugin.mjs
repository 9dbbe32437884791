// @ts-check
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { targetsOf } from './targets.mjs';

/**
 * Gives every `packages/*` its targets, so that a package carries no nx configuration of its own.
 *
 * @type {import('nx/src/devkit-exports.js').NxPlugin}
 */
export default {
  name: 'faultpath-packages',
  createNodes: [
    'packages/*/package.json',
    (files, _options, { workspaceRoot }) =>
      Promise.all(
        files.map(async (file) => {
          const root = dirname(file);
          const manifest = JSON.parse(await readFile(join(workspaceRoot, file), 'utf8'));
          const hasTests = existsSync(join(workspaceRoot, root, 'test'));
          return /** @type {const} */ ([
            file,
            { projects: { [root]: { root, targets: targetsOf(root, manifest, hasTests) } } },
          ]);
        }),
      ),
  ],
};
