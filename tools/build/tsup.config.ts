import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';
import { type BuildManifest, entriesOf } from './entries.ts';

/** No function of theirs has a name that people see, and each that keeps its name costs time whenever it is made. */
const NAMELESS = ['@faultpath/lockdep', '@faultpath/trace'];

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as BuildManifest;

/** One configuration for every package; tsup is run in the package's folder. */
export default defineConfig({
  entry: entriesOf(manifest),
  format: ['esm', 'cjs'],
  platform: 'node',
  target: 'node20',
  clean: true,
  // entries share modules, and the command line loads a command only when it is run: both need chunks
  splitting: true,
  // kernel functions are shown to people by name
  keepNames: !NAMELESS.includes(manifest.name),
  // node:test exists under this name only
  removeNodeProtocol: false,
  // in CommonJS import.meta is a syntax error, and __filename says the same
  esbuildOptions(options, { format }) {
    if (format === 'cjs') options.define = { ...options.define, 'import.meta.url': 'undefined' };
  },
  external: [/^@faultpath\//],
  // declarations are checked against the built declarations of the packages below, as a user's compiler will
  dts: { compilerOptions: { customConditions: [] } },
});
