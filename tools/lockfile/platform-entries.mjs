// @ts-check
/**
 * The lockfile entries of platform builds that the registry in use didn't offer.
 *
 * npm leaves an optional dependency out of the lockfile when it can't be resolved, and `npm ci` then refuses the
 * lockfile as out of sync. So every exactly pinned optional dependency gets an entry, installable here or not.
 */

const OS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const CPU = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64', 'wasm32'];

/**
 * @typedef {{ version?: string, optional?: boolean, dev?: boolean, os?: string[], cpu?: string[], libc?: string[],
 *   resolved?: string, link?: boolean, optionalDependencies?: Record<string, string> }} LockEntry
 * @typedef {{ packages: Record<string, LockEntry> }} Lockfile
 * @typedef {{ path: string, name: string, version: string, dev: boolean }} MissingEntry
 */

/**
 * Optional dependencies that are pinned exactly and have no entry of their own.
 *
 * @param {Lockfile} lock
 * @returns {MissingEntry[]}
 */
export function missingPlatformEntries(lock) {
  const missing = [];
  for (const [parent, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!/^\d+\.\d+\.\d+$/.test(version) || isResolved(lock, parent, name)) continue;
      missing.push({ path: `node_modules/${name}`, name, version, dev: entry.dev === true });
    }
  }
  return missing;
}

/**
 * The os, cpu and libc a platform build's name stands for: `@x/cli-linux-arm64-musl` is linux, arm64, musl.
 *
 * @param {string} name
 */
export function platformOfName(name) {
  const words = name.slice(name.lastIndexOf('/') + 1).split('-');
  const os = OS.find((word) => words.includes(word));
  const cpu = CPU.find((word) => words.includes(word));
  const libc = libcOf(words, os);
  return { os: os && [os], cpu: cpu && [cpu], libc: libc && [libc] };
}

/**
 * The same lockfile with the missing entries added, its packages in npm's order.
 *
 * @param {Lockfile} lock
 * @returns {Lockfile}
 */
export function completeLockfile(lock) {
  const packages = { ...lock.packages };
  for (const { path, name, version, dev } of missingPlatformEntries(lock)) {
    const { os, cpu, libc } = platformOfName(name);
    // npm writes these fields in this order, and a lockfile it rewrites should not change
    packages[path] = {
      version,
      ...(cpu && { cpu }),
      ...(dev && { dev }),
      ...(libc && { libc }),
      optional: true,
      ...(os && { os }),
    };
  }
  const ordered = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return { ...lock, packages: Object.fromEntries(ordered) };
}

/**
 * @param {Lockfile} lock
 * @param {string} parent
 * @param {string} name
 */
function isResolved(lock, parent, name) {
  return `${parent}/node_modules/${name}` in lock.packages || `node_modules/${name}` in lock.packages;
}

/**
 * @param {string[]} words
 * @param {string | undefined} os
 */
function libcOf(words, os) {
  if (os !== 'linux') return undefined;
  if (words.some((word) => word.startsWith('musl'))) return 'musl';
  return words.some((word) => word.startsWith('gnu')) ? 'glibc' : undefined;
}
