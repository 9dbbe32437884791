// @ts-check
const { runInNewContext } = require('node:vm');
const typescript = require('typescript');

const NAME = /^[a-z][a-z0-9]*$/;

/**
 * `npx nx g ./tools:adapter myfs`: writes packages/myfs after packages/ext2's furniture, with the adapter that strangers
 * get too, and names it among the filesystems.
 *
 * @param {import('nx/src/devkit-exports.js').Tree} tree
 * @param {{ name: string }} options
 */
module.exports = async function adapter(tree, { name }) {
  const root = `packages/${name}`;
  if (!NAME.test(name)) throw new Error(`'${name}' is no name of a filesystem: lower-case letters and digits`);
  if (tree.exists(root)) throw new Error(`${root} is there already`);
  const manifest = JSON.parse(read(tree, 'packages/ext2/package.json'));
  const { version } = manifest;
  manifest.name = `@faultpath/${name}`;
  manifest.description = `${name} on the page-fault path`;
  manifest.devDependencies = sorted({ ...manifest.devDependencies, '@faultpath/conformance': version });
  tree.write(`${root}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
  tree.write(`${root}/tsconfig.json`, read(tree, 'packages/ext2/tsconfig.json'));
  tree.write(
    `${root}/README.md`,
    `# @faultpath/${name}\n\n${name} on the page-fault path.\n\nPart of faultpath. MIT.\n`,
  );
  tree.write(`${root}/src/index.ts`, `export { ${name} } from './adapter.ts';\n`);
  tree.write(`${root}/src/adapter.ts`, inTypeScript(adapterSource(tree, name)));
  tree.write(
    `${root}/test/conformance.test.ts`,
    `import { conformanceTests } from '@faultpath/conformance/vitest';\nimport { ${name} } from '../src/index.ts';\n\nconformanceTests(${name});\n`,
  );
  const roles = read(tree, 'tools/packages.mjs');
  if (!roles.includes(`'${name}'`))
    tree.write(
      'tools/packages.mjs',
      roles.replace(/const FILESYSTEMS = \[(.*)\];/, (_, names) => `const FILESYSTEMS = [${names}, '${name}'];`),
    );
  console.log(`Next: npm install && node tools/lockfile/complete.mjs, then npx vitest run ${root}`);
};

/** The template of create-faultpath-adapter has no imports, so it can be run as it is. */
function adapterSource(tree, name) {
  const source = read(tree, 'packages/create-faultpath-adapter/src/template.ts');
  const { outputText } = typescript.transpileModule(source, {
    compilerOptions: { module: typescript.ModuleKind.CommonJS, target: typescript.ScriptTarget.ES2022 },
  });
  const exports = {};
  runInNewContext(outputText, { exports });
  return exports.adapterSource(name, read(tree, 'docs/write-an-adapter.md'));
}

/** Annotations in comments become annotations. */
function inTypeScript(source) {
  return source
    .replace('// @ts-check\n', '')
    .replace(/\/\*\*\n \* @typedef[\s\S]*?\*\/\n\n/, '')
    .replace(/\/\*\* @param \{string\} what .*\*\/\n/, '')
    .replace('function fillIn(what, place)', 'function fillIn(what: string, place: string): Error')
    .replace(
      / {4}?\/\*\* @param \{Machine\} (\w+) @param \{(\w+)\} (\w+) \*\/\n( *)function\* \(\w+, \w+\)/g,
      '$4function* ($1: Machine, $3: $2)',
    )
    .replace(
      / *\/\*\* @param \{Machine\} (\w+) @param \{(\w+)\} (\w+) \*\/\n( *)function\* \(\w+, \w+\)/g,
      '$4function* ($1: Machine, $3: $2)',
    )
    .replace(
      /import \{ defineFilesystem, (.*) \} from '@faultpath\/mm';/,
      "import { defineFilesystem, type Machine, type Victim, type VmFault, $1 } from '@faultpath/mm';",
    )
    .replaceAll('src/index.js', 'src/adapter.ts');
}

function read(tree, path) {
  const text = tree.read(path, 'utf8');
  if (text === null) throw new Error(`${path} is missing`);
  return text;
}

function sorted(record) {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
