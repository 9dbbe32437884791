import type { Filesystem } from '@faultpath/mm';
import { brokenAdapter } from '../adapter-error.ts';
import type { ConformanceCase } from '../case.ts';
import { cases as bundledCases } from '../cases/index.ts';
import { adaptersIn, casesIn } from './protocol.ts';

/** A module of adapters, as whoever imports it sees it. */
type AdapterModule = Readonly<Record<string, unknown>>;

/**
 * Loads a module of adapters. A file that throws while it is loaded, as where a declaration is refused, stands for itself:
 * its cells fail and say why, and other modules' adapters are not touched. Throws what importing throws otherwise.
 */
async function loadModule(url: string): Promise<AdapterModule> {
  try {
    return (await import(url)) as AdapterModule;
  } catch (error) {
    // A name that is no file may be one that there is not: that is a mistake of whoever gave it.
    if (!url.startsWith('file:')) throw error;
    return { broken: brokenAdapter(nameOf(url), error) };
  }
}

/**
 * The adapters of modules, and the cases to run on them: the suite's, and those that the modules bring along. Throws what
 * importing throws.
 */
export async function loadModules(
  urls: readonly string[],
): Promise<{ readonly adapters: readonly Filesystem[]; readonly cases: readonly ConformanceCase[] }> {
  const modules: AdapterModule[] = [];
  for (const url of urls) modules.push(await loadModule(url));
  return { adapters: modules.flatMap(adaptersIn), cases: [...bundledCases, ...modules.flatMap(casesIn)] };
}

/** `…/myfs/src/index.js` is `myfs`. */
function nameOf(url: string): string {
  const parts = url.split(/[\\/]/).map((part) => part.replace(/\.[cm]?[jt]s$/, ''));
  return parts.findLast((part) => part !== '' && !['index', 'src', 'dist', 'lib'].includes(part)) ?? url;
}
