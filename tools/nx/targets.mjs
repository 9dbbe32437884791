// @ts-check
/**
 * The nx targets of one package. What they depend on and how they are cached is in nx.json, by target name.
 *
 * @param {string} root the package's folder, from the root of the repository
 * @param {{ name: string, version: string }} manifest
 * @param {boolean} hasTests vitest fails on a folder without a test file, so such a package has no `test`
 * @returns {Record<string, import('nx/src/devkit-exports.js').TargetConfiguration>}
 */
export function targetsOf(root, { name, version }, hasTests) {
  const inPackage = (/** @type {string} */ command) => run(command, root);
  const inRepository = (/** @type {string} */ command) => run(command, '.');
  return {
    build: inPackage('tsup --silent --config ../../tools/build/tsup.config.ts'),
    types: inPackage('tsc --noEmit'),
    lint: inRepository(`biome check ${root}`),
    ...(hasTests && { test: inRepository(`vitest run ${root}`) }),
    pack: {
      ...inRepository(`node tools/pack/cli.mjs ${root}`),
      outputs: [`{workspaceRoot}/dist/packs/${tarballName(name, version)}`],
    },
  };
}

/**
 * The file name `npm pack` chooses.
 *
 * @param {string} name
 * @param {string} version
 */
function tarballName(name, version) {
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
}

/**
 * @param {string} command
 * @param {string} cwd
 */
function run(command, cwd) {
  return { executor: 'nx:run-commands', options: { command, cwd } };
}
