import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ConformanceCase } from '@faultpath/conformance';
import type { Filesystem } from '@faultpath/mm';
import type { OptionSpec } from './command.ts';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';
import { tryLoading } from './try-loading.ts';
import type { Values } from './values.ts';

/** Runs other filesystems than the bundled ones. */
export const adapterOption: OptionSpec = {
  name: 'adapter',
  value: 'FILE',
  many: true,
  says: 'run these adapters instead of the bundled ones: a file or a package that exports them',
};

/** A URL: a path is a file of the user; anything else is looked for among the packages of the folder, then among ours. */
function locate(name: string, io: Io): string {
  const path = resolve(io.cwd, name);
  if (/^\.{0,2}\//.test(name) || existsSync(path)) {
    if (!existsSync(path))
      throw new CliError(
        'CLI_BAD_ADAPTER',
        `there is no file ${name}`,
        'give the built JavaScript file of the adapter',
      );
    return pathToFileURL(path).href;
  }
  try {
    return pathToFileURL(createRequire(resolve(io.cwd, 'package.json')).resolve(name)).href;
  } catch {
    return name;
  }
}

/** Says what is wrong with a module that gives no adapter. */
async function requireAdapters(name: string, io: Io): Promise<void> {
  let module: Readonly<Record<string, unknown>>;
  try {
    const url = locate(name, io);
    await tryLoading(name, url);
    module = await import(url);
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    // Its own errors have codes of their own, such as a lock that lockOrder names and locks does not.
    if (cause instanceof Error && 'code' in cause && !String(cause.code).startsWith('ERR_')) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('CLI_BAD_ADAPTER', `${name} cannot be loaded: ${message}`, 'mend the module', { cause });
  }
  const { adaptersIn } = await import('@faultpath/conformance');
  if (adaptersIn(module).length > 0) return;
  throw new CliError('CLI_BAD_ADAPTER', `${name} exports no adapter`, 'export what defineFilesystem returns');
}

/** There is nothing of this name, or nothing in it. */
function isMissing(error: unknown): boolean {
  if (!(error instanceof CliError)) return false;
  return error.cause === undefined || (error.cause as { code?: unknown } | null)?.code === 'ERR_MODULE_NOT_FOUND';
}

/** What to run, and on what. */
export interface LoadedSuite {
  readonly adapters: readonly Filesystem[];
  readonly cases: readonly ConformanceCase[];
}

/**
 * The adapters of `--adapter`, or the bundled ones, and the cases to run on them: those of the suite, and beside them the
 * ones that the adapters' modules bring along.
 *
 * @throws CliError CLI_BAD_ADAPTER
 */
export async function loadSuite(values: Values, io: Io): Promise<LoadedSuite> {
  const { cases, loadModules } = await import('@faultpath/conformance');
  const names = values.list('adapter');
  if (names === undefined) {
    const bundled = await import('@faultpath/integration');
    return { adapters: bundled.adapters, cases: [...cases, ...bundled.cases] };
  }
  const loaded = await Promise.allSettled(names.map((name) => requireAdapters(name, io)));
  const refused = loaded.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  // Beside others, an adapter that cannot be loaded fails in its own cells; one that is not there is a misspelt name.
  const fatal = refused.find((error) => refused.length === names.length || isMissing(error));
  if (fatal !== undefined) throw fatal;
  return loadModules(names.map((name) => locate(name, io)));
}

/** URLs of the modules that {@link loadSuite} loads, for threads to load them again; undefined where there are none. */
export function adapterModules(values: Values, io: Io): readonly string[] | undefined {
  const names = values.list('adapter');
  if (names !== undefined) return names.map((name) => locate(name, io));
  try {
    return [import.meta.resolve('@faultpath/integration')];
  } catch {
    // Bundled into one file, as some people do: then one thread does it all.
    return undefined;
  }
}
