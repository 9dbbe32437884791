/** A file of a new package. */
export interface TemplateFile {
  /** From the package's folder. */
  readonly path: string;
  readonly text: string;
}

/** Every file of a new adapter package, for packages of this version, with the guide that its failures point into. */
export function templateFiles(name: string, version: string, guide: string): readonly TemplateFile[] {
  const peers = Object.fromEntries(['dax', 'engine', 'mm'].map((each) => [`@faultpath/${each}`, `^${version}`]));
  const manifest = {
    name: `faultpath-${name}`,
    version: '0.0.1',
    private: true,
    type: 'module',
    exports: './src/index.js',
    scripts: {
      test: 'vitest run',
      'test:node': 'node --test test/node.mjs',
      types: 'tsc --noEmit',
      conformance: 'faultpath conformance --adapter ./src/index.js --policy as-released',
    },
    peerDependencies: peers,
    devDependencies: {
      ...peers,
      '@faultpath/conformance': `^${version}`,
      faultpath: `^${version}`,
      typescript: '^5.9.0',
      vitest: '^4.0.0',
    },
  };
  const tsconfig = {
    compilerOptions: {
      target: 'ES2022',
      module: 'NodeNext',
      strict: true,
      allowJs: true,
      checkJs: true,
      noEmit: true,
      skipLibCheck: true,
    },
    include: ['src'],
  };
  const suite = (runner: string): string =>
    `import { conformanceTests } from '@faultpath/conformance/${runner}';\nimport { ${name} } from '../src/index.js';\n\nconformanceTests(${name});\n`;
  return [
    { path: 'package.json', text: json(manifest) },
    { path: 'tsconfig.json', text: json(tsconfig) },
    { path: 'src/index.js', text: adapterSource(name, guide) },
    { path: GUIDE, text: withoutLinks(guide) },
    { path: 'test/conformance.test.js', text: suite('vitest') },
    { path: 'test/node.mjs', text: suite('node-test') },
    {
      path: 'README.md',
      text: `# faultpath-${name}\n\n${name} on the page-fault path, written after [the guide](${GUIDE}).\n`,
    },
  ];
}

const GUIDE = 'docs/write-an-adapter.md';

/** A heading of the guide, with its line. */
function placeOf(guide: string, step: string): string {
  const line = guide.split('\n').indexOf(`## ${step}`) + 1;
  if (line === 0) throw new Error(`the guide has no heading '${step}'`);
  return `${GUIDE}:${line} (${step})`;
}

/** What the guide links to lies elsewhere; its lines stay where they are. */
function withoutLinks(guide: string): string {
  return guide.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1');
}

/** The adapter as it is to be filled in: everything that is not the same for every filesystem throws, and says where to read on. */
export function adapterSource(name: string, guide: string): string {
  return `// @ts-check
import { dax_iomap_fault } from '@faultpath/dax';
import { kernelFunction, load } from '@faultpath/engine';
import { defineFilesystem, down_read, eraNames, IOMAP, sb_end_pagefault, sb_start_pagefault, up_read } from '@faultpath/mm';

/**
 * @typedef {import('@faultpath/mm').Machine} Machine
 * @typedef {import('@faultpath/mm').VmFault} VmFault
 * @typedef {import('@faultpath/mm').Victim} Victim
 */

/** @param {string} what @param {string} place in the guide */
function fillIn(what, place) {
  return new Error(\`fill in \${what} in src/index.js: see \${place}\`);
}

/** A fault on a DAX file. These are the locks that nearly every filesystem takes: check their order against yours. */
export const ${name}_dax_fault = kernelFunction(
  '${name}_dax_fault',
  /** @param {Machine} env @param {VmFault} vmf */
  function* (env, vmf) {
    const { i_sb, i_mapping } = vmf.inode;
    if (vmf.write) yield sb_start_pagefault(i_sb);
    yield down_read(i_mapping.invalidate_lock);
    const ret = yield* dax_iomap_fault(env, vmf);
    yield up_read(i_mapping.invalidate_lock);
    if (vmf.write) yield sb_end_pagefault(i_sb);
    return ret;
  },
);

/** Finds the block of a fault's page; for a write into a hole, allocates one. */
export const ${name}_iomap_begin = kernelFunction(
  '${name}_iomap_begin',
  /** @param {Machine} _env @param {VmFault} vmf */
  function* (_env, vmf) {
    if ((yield load(vmf.slot.mapped)) === 1) return IOMAP.MAPPED;
    if (!vmf.write) return IOMAP.HOLE;
    throw fillIn('how a block is allocated', '${placeOf(guide, 'Step 3: blocks')}');
  },
);

/** Ends an inode that nobody uses any more, in the task that reclaims. */
export const ${name}_evict_inode = kernelFunction(
  '${name}_evict_inode',
  /** @param {Machine} _env @param {Victim} victim */
  function* (_env, victim) {
    if (!victim.state.unlinked) return 0;
    // A step, so that the failure comes with a schedule that shows the way here.
    yield sb_start_pagefault(victim.i_sb);
    throw fillIn('what reclaim waits for when it frees an unlinked inode', '${placeOf(guide, 'Step 4: reclaim')}');
  },
);

export const ${name} = defineFilesystem({
  name: '${name}',
  interfaceVersion: 1,
  // Step 1: its own locks, and the order in which they nest with the core's, outermost first.
  locks: {},
  lockOrder: [['mmap_lock', 'sb_pagefaults', 'invalidate_lock', 'dax_entry', 'folio_lock']],
  // Step 2: { without, at, because } where inode setup changes the mapping's mask; null says that it does not.
  mappingGfp: null,
  supports: { eras: eraNames.slice(-2), dax: true, transactions: false, sync_faults: false },
  vm_ops: { fault: ${name}_dax_fault },
  iomap_ops: { iomap_begin: ${name}_iomap_begin },
  s_op: { evict_inode: ${name}_evict_inode },
  f_op: {},
  reclaim: {
    kinds: {
      linked: { via: 'prune_icache_sb', frequency: 'common', eras: eraNames, because: 'a clean inode is only forgotten' },
      orphan: { via: 'prune_dcache_sb', frequency: 'rare', eras: eraNames, because: 'the last iput frees the blocks' },
    },
  },
  invalidateLock: () => 'invalidate_lock',
});
`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
