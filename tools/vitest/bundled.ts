import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'tsup';

/** Sources as they are built, in a folder of their own. */
export interface Bundled {
  readonly folder: string;
  /** URL of what an entry became. */
  url(name: string): string;
  remove(): Promise<void>;
}

/**
 * Builds sources with the packages below bundled from theirs, so that nothing needs a build before: threads run no
 * TypeScript, and who bundles has copies of what is bundled. `into`: the part of the folder in which they lie.
 */
export async function bundled(what: string, entry: Readonly<Record<string, URL>>, into = '.'): Promise<Bundled> {
  const folder = await mkdtemp(join(tmpdir(), `faultpath-${what}-`));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  await build({
    config: false,
    silent: true,
    entry: Object.fromEntries(Object.entries(entry).map(([name, url]) => [name, fileURLToPath(url)])),
    outDir: join(folder, into),
    format: ['esm'],
    target: 'node20',
    platform: 'node',
    splitting: true,
    noExternal: [/^@faultpath\//],
    esbuildOptions(options) {
      options.conditions = ['@faultpath/source'];
    },
  });
  return {
    folder,
    url: (name) => pathToFileURL(join(folder, into, `${name}.js`)).href,
    remove: () => rm(folder, { recursive: true }),
  };
}
