// @ts-check
/**
 * Which package may import which, and which hold models. A package that isn't here is refused by the checks, so
 * that nobody adds one without saying where it belongs.
 *
 * `imports` and `testImports` name what follows `@faultpath/`; tests may import both. `typesOnly`: the imports must be
 * erased. `model`: written in the model language. `kernel`: what it models has names in the kernel.
 *
 * @typedef {{ imports: readonly string[], testImports?: readonly string[], typesOnly?: boolean, model?: boolean,
 *   kernel?: boolean }} PackageRole
 */

const BELOW_FILESYSTEM = ['dax', 'iomap', 'mm', 'mm/gfp', 'engine', 'lockdep'];

/** An adapter's own tests run the suite; its sources never do.
 * @type {PackageRole} */
const FILESYSTEM = {
  imports: BELOW_FILESYSTEM,
  testImports: ['conformance', 'conformance/vitest', 'conformance/node-test'],
  model: true,
  kernel: true,
};

const FILESYSTEMS = ['xfs', 'ext4', 'ext2', 'nilfs2', 'f2fs'];

/** What recordings are read with, without the models. */
const RECORDINGS = FILESYSTEMS.map((name) => `${name}/recordings`);

/** @type {Readonly<Record<string, PackageRole>>} by the package's folder */
export const PACKAGES = {
  engine: { imports: [] },
  lockdep: { imports: [] },
  mm: { imports: ['engine', 'lockdep'], model: true, kernel: true },
  iomap: { imports: ['mm', 'mm/gfp', 'engine', 'lockdep'], model: true, kernel: true },
  dax: { imports: ['iomap', 'mm', 'mm/gfp', 'engine', 'lockdep'], model: true, kernel: true },
  ...Object.fromEntries(FILESYSTEMS.map((name) => [name, FILESYSTEM])),
  // a vocabulary is injected, so the tests bring real ones
  trace: { imports: ['mm/gfp', 'lockdep'], testImports: FILESYSTEMS },
  report: { imports: ['engine', 'lockdep'], typesOnly: true },
  conformance: { imports: BELOW_FILESYSTEM },
  integration: { imports: ['conformance', ...FILESYSTEMS, ...RECORDINGS, ...BELOW_FILESYSTEM], model: true },
  // writes text; what it writes imports, not itself
  'create-faultpath-adapter': { imports: [] },
  cli: { imports: ['integration', 'integration/recordings', 'conformance', 'trace', 'report', ...BELOW_FILESYSTEM] },
};

/** The folders whose sources are written in the model language. */
export const MODEL_PACKAGES = Object.keys(PACKAGES).filter((name) => PACKAGES[name]?.model);

/** The folders whose functions stand for functions of the kernel. */
export const KERNEL_PACKAGES = Object.keys(PACKAGES).filter((name) => PACKAGES[name]?.kernel);
