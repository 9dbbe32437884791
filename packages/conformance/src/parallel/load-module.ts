import { brokenAdapter } from '../adapter-error.ts';

/** A module of adapters, as whoever imports it sees it. */
export type AdapterModule = Readonly<Record<string, unknown>>;

/**
 * Loads a module of adapters. One whose declaration was refused while it was loaded stands for itself: its cells fail and
 * say why, and other modules' adapters are not touched. Throws what importing throws otherwise.
 */
export async function loadModule(url: string): Promise<AdapterModule> {
  try {
    return (await import(url)) as AdapterModule;
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code;
    if (typeof code !== 'string' || !code.startsWith('FS_')) throw error;
    return { broken: brokenAdapter(nameOf(url), error) };
  }
}

/** `…/myfs/src/index.js` is `myfs`. */
function nameOf(url: string): string {
  const parts = url.split(/[\\/]/).map((part) => part.replace(/\.[cm]?[jt]s$/, ''));
  return parts.findLast((part) => part !== '' && !['index', 'src', 'dist', 'lib'].includes(part)) ?? url;
}
