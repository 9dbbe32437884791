// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGES } from '../packages.mjs';
import { packageFolders } from './check.mjs';

/**
 * @typedef {Record<string, string>} Versions
 * @typedef {{ name: string, version: string, license?: string, type?: string, engines?: { node?: string },
 *   sideEffects?: boolean, files?: string[], publishConfig?: { access?: string }, exports?: Record<string, unknown>,
 *   dependencies?: Versions, peerDependencies?: Versions, devDependencies?: Versions }} Manifest
 */

/** What is typed on a command line has a name without scope.
 * @type {Readonly<Record<string, string>>} */
const UNSCOPED = { cli: 'faultpath', 'create-faultpath-adapter': 'create-faultpath-adapter' };

const EXACT = /^\d+\.\d+\.\d+$/;

/**
 * Every package.json has one shape and the one version.
 *
 * @type {import('./check.mjs').Check}
 */
export function manifests(root) {
  const folders = packageFolders(root);
  const all = folders.map((folder) => ({
    folder,
    manifest: /** @type {Manifest} */ (
      JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8'))
    ),
  }));
  const version = all[0]?.manifest.version ?? '';
  const findings = all.flatMap(({ folder, manifest }) => {
    const messages = [
      ...fieldObjections(folder, manifest, version),
      ...exportObjections(manifest.exports ?? {}),
      ...dependencyObjections(folder, manifest, version),
      ...(existsSync(join(root, 'packages', folder, 'README.md')) ? [] : ['has no README.md']),
    ];
    return messages.map((message) => ({ file: `packages/${folder}/package.json`, line: 1, message }));
  });
  return { looked: all.length, findings };
}

/**
 * @param {string} folder
 * @param {Manifest} manifest
 * @param {string} version
 */
function fieldObjections(folder, manifest, version) {
  const expected = /** @type {const} */ ([
    ['name', manifest.name, UNSCOPED[folder] ?? `@faultpath/${folder}`],
    ['version', manifest.version, version],
    ['license', manifest.license, 'MIT'],
    ['type', manifest.type, 'module'],
    ['engines.node', manifest.engines?.node, '>=20.19'],
    ['sideEffects', manifest.sideEffects, false],
    ['publishConfig.access', manifest.publishConfig?.access, 'public'],
  ]);
  const wrong = expected
    .filter(([, is, should]) => is !== should)
    .map(([field, is, should]) => `${field} is ${JSON.stringify(is)}, not ${JSON.stringify(should)}`);
  const missing = ['dist', 'README.md'].filter((entry) => !manifest.files?.includes(entry));
  return [...wrong, ...missing.map((entry) => `files lacks ${entry}`)];
}

/** @param {Record<string, unknown>} exported */
function exportObjections(exported) {
  const objections = exported['./package.json'] === './package.json' ? [] : ['exports lacks ./package.json'];
  if (!('.' in exported)) objections.push('exports lacks "."');
  for (const [subpath, conditions] of Object.entries(exported)) {
    if (subpath.includes('*')) objections.push(`exports "${subpath}" is a pattern: list what is public`);
    if (typeof conditions === 'string') continue;
    const output = subpath === '.' ? './dist/index' : subpath.replace('./', './dist/');
    const built = {
      import: { types: `${output}.d.ts`, default: `${output}.js` },
      require: { types: `${output}.d.cts`, default: `${output}.cjs` },
    };
    const { '@faultpath/source': source, ...rest } = /** @type {Record<string, unknown>} */ (conditions);
    const isSource = typeof source === 'string' && /^\.\/src\/.+\.ts$/.test(source);
    if (!isSource) objections.push(`exports "${subpath}" has no @faultpath/source in ./src`);
    // conditions are tried in order, and the source must win where it is asked for
    if (Object.keys(/** @type {object} */ (conditions))[0] !== '@faultpath/source') {
      objections.push(`exports "${subpath}" must name @faultpath/source first`);
    }
    if (JSON.stringify(rest) !== JSON.stringify(built)) {
      objections.push(`exports "${subpath}" is not ${JSON.stringify(built)} behind its source`);
    }
  }
  return objections;
}

/**
 * @param {string} folder
 * @param {Manifest} manifest
 * @param {string} version
 */
function dependencyObjections(folder, { dependencies = {}, peerDependencies = {}, devDependencies = {} }, version) {
  const objections = [];
  const pinned = Object.entries({ ...devDependencies, ...dependencies });
  for (const [name, range] of pinned) {
    const own = name.startsWith('@faultpath/');
    if (own && range !== version) objections.push(`${name} is ${range}, not ${version}`);
    if (!own && !EXACT.test(range)) objections.push(`${name} is ${range}, not pinned exactly`);
  }
  for (const [name, range] of Object.entries(peerDependencies)) {
    if (name.startsWith('@faultpath/') && range !== `^${version}`)
      objections.push(`the peer ${name} is ${range}, not ^${version}`);
    if (!(name in devDependencies))
      objections.push(`the peer ${name} is not in devDependencies, so it isn't built first`);
  }
  const role = PACKAGES[folder];
  if (role?.imports.length === 0 && Object.keys({ ...dependencies, ...peerDependencies }).length > 0) {
    objections.push('has dependencies, and must have none');
  }
  const own = Object.keys(dependencies).filter((name) => name.startsWith('@faultpath/'));
  const isAdapter = role?.testImports?.includes('conformance');
  if (isAdapter && own.length > 0) objections.push(`an adapter takes ${own.join(', ')} as peer dependencies`);
  return objections;
}
