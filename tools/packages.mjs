// @ts-check
/**
 * Which package may import which, and which hold models. A package that isn't here is refused by the checks, so
 * that nobody adds one without saying where it belongs.
 *
 * @typedef {{ imports: readonly string[], model: boolean }} PackageRole
 */

const BELOW_FILESYSTEM = ['dax', 'iomap', 'mm', 'mm/gfp', 'engine', 'lockdep'];
/** An adapter's own tests run the suite; its sources never do. */
const FILESYSTEM = { imports: BELOW_FILESYSTEM, model: true };

export const FILESYSTEMS = ['xfs', 'ext4', 'ext2', 'nilfs2', 'f2fs'];

/** @type {Readonly<Record<string, PackageRole>>} by the package's folder; imports by what follows `@faultpath/` */
export const PACKAGES = {
  engine: { imports: [], model: false },
  lockdep: { imports: [], model: false },
  mm: { imports: ['engine', 'lockdep'], model: true },
  iomap: { imports: ['mm', 'mm/gfp', 'engine', 'lockdep'], model: true },
  dax: { imports: ['iomap', 'mm', 'mm/gfp', 'engine', 'lockdep'], model: true },
  ...Object.fromEntries(FILESYSTEMS.map((name) => [name, FILESYSTEM])),
  trace: { imports: ['mm/gfp', 'lockdep'], model: false },
  report: { imports: ['engine', 'lockdep'], model: false },
  conformance: { imports: BELOW_FILESYSTEM, model: true },
  integration: { imports: ['conformance', ...FILESYSTEMS, ...BELOW_FILESYSTEM], model: true },
  cli: {
    imports: ['integration', 'conformance', 'trace', 'report', ...BELOW_FILESYSTEM],
    model: false,
  },
};

/** The folders whose sources are written in the model language. */
export const MODEL_PACKAGES = Object.keys(PACKAGES).filter((name) => PACKAGES[name]?.model);
