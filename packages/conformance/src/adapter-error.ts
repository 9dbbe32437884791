import { kernelFunction } from '@faultpath/engine';
import type { Finding } from '@faultpath/lockdep';
import {
  copyMark,
  defineFilesystem,
  type Filesystem,
  FilesystemError,
  type PackageCopy,
  thisCopy,
} from '@faultpath/mm';
import { ConformanceError } from './errors.ts';

const ours = kernelFunction('which_copy', function* () {
  return 0;
});

/** Each adapter is looked at once: it is frozen from then on. */
const looked = new WeakMap<object, { readonly problem: unknown }>();

/** What is wrong with an adapter's declaration; undefined when it can be explored. Never throws. */
export function adapterProblem(fs: Filesystem): unknown {
  const known = looked.get(fs);
  if (known !== undefined) return known.problem;
  const problem = findProblem(fs);
  looked.set(fs, { problem });
  return problem;
}

/** An adapter that went round for ever once is not asked again. */
export function hangsFromNowOn(fs: object, why: string): void {
  looked.set(fs, { problem: new ConformanceError('CONFORMANCE_ADAPTER_HANGS', (fs as Filesystem).name, why) });
}

/** Stands for an adapter that could not even be made: it has a name, and what is wrong with it. */
export function brokenAdapter(name: string, problem: unknown): Filesystem {
  const fs = { name, interfaceVersion: 1, vm_ops: {} } as unknown as Filesystem;
  looked.set(fs, { problem });
  return fs;
}

/** Stand-ins of adapters that cannot even be named. */
const standIns = new WeakMap<object, Filesystem>();

/** The adapter itself; or where its name cannot be read, something of a name that fails in its place and says why. */
export function nameable(fs: Filesystem): Filesystem {
  const known = standIns.get(fs);
  if (known !== undefined) return known;
  try {
    if (typeof fs.name === 'string') return fs;
    const why = 'a name is lower-case letters and digits, as in /proc/filesystems';
    throw new FilesystemError('FS_NAME', 'name', why);
  } catch (error) {
    const made = brokenAdapter('unnamed', error);
    standIns.set(fs, made);
    return made;
  }
}

/** Whoever gave the suite an adapter need not have called `defineFilesystem`, or may have called another version's. */
function findProblem(fs: Filesystem): unknown {
  try {
    const made = (fs as unknown as Readonly<Record<symbol, PackageCopy | undefined>>)[copyMark];
    // Another version brings its own copies along: it is told of the version.
    if (fs.interfaceVersion === 1 && made !== undefined && made !== thisCopy)
      return twoCopies('@faultpath/mm', `${made.at} and ${thisCopy.at}`);
    // Another engine's calls are strangers to this one, and every yield* of them would look like a mistake.
    const fault: unknown = fs.vm_ops?.fault;
    const call = typeof fault === 'function' && 'functionName' in fault ? fault() : undefined;
    if (fs.interfaceVersion === 1 && isStrangeCall(call))
      return twoCopies('@faultpath/engine', 'its calls are not of the copy that the suite uses');
    const whole = defineFilesystem(fs);
    const left = (['mount', 'setupInode', 'threads'] as const).find((field) => fs[field] !== whole[field]);
    if (left !== undefined)
      throw new FilesystemError('FS_FIELD_MISSING', left, 'defineFilesystem fills it in: export what it gives');
    return undefined;
  } catch (error) {
    return error;
  }
}

function isStrangeCall(call: unknown): boolean {
  return (
    (call as { type?: unknown } | undefined)?.type === 'call' &&
    Object.getPrototypeOf(call) !== Object.getPrototypeOf(ours())
  );
}

function twoCopies(name: string, where: string): ConformanceError {
  return new ConformanceError(
    'CONFORMANCE_TWO_COPIES',
    name,
    `the adapter was made with another copy of it (${where}); \`npm ls ${name}\` shows both: an adapter takes it as a peer dependency, and is loaded as an ES module like the suite`,
  );
}

/** Why an adapter cannot be explored, beginning with a stable code. */
function tellProblem(error: unknown, fs: Filesystem): string {
  const code = (error as { code?: unknown } | null)?.code;
  const message = error instanceof Error ? error.message : String(error);
  const coded = typeof code === 'string' && message.startsWith(code);
  return coded ? message : `CONFORMANCE_ADAPTER_FAILED: ${fs.name}: it threw: ${message}`;
}

/** Whatever an adapter threw, as an error with a stable code. */
export function codedProblem(error: unknown, fs: Filesystem): Error {
  const told = tellProblem(error, fs);
  if (error instanceof Error && error.message === told) return error;
  const why = told.slice(told.indexOf('it threw'));
  return new ConformanceError('CONFORMANCE_ADAPTER_FAILED', fs.name, why);
}

/** An adapter that cannot be explored, as a finding: the claim starts with a stable code. */
export function adapterError(error: unknown, fs: Filesystem): Finding {
  const told = tellProblem(error, fs);
  return {
    rule: 'adapter/error',
    level: 'error',
    claim: `the adapter ${fs.name} cannot be explored: ${told}`,
    because: [{ text: `${told}. See docs/rules/adapter-error.md and docs/write-an-adapter.md` }],
  };
}
