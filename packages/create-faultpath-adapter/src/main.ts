import { basename, resolve } from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { CreateError, createAdapter } from './create.ts';

const usage = 'Usage: npm create faultpath-adapter FOLDER [NAME]    NAME is the filesystem, the folder if not given';

/** Runs one command line: 0 when a package was written, 2 for misuse. */
export function main(argv: readonly string[], cwd: string, say: (line: string) => void): 0 | 2 {
  const [folder, name = basename(folder ?? ''), more] = argv;
  if (folder === undefined || folder.startsWith('-') || more !== undefined) {
    say(usage);
    return folder === '--help' ? 0 : 2;
  }
  try {
    const written = createAdapter(resolve(cwd, folder), name, manifest.version);
    say(`${folder}: ${written.join(', ')}`);
    say(`Next: cd ${folder}, npm install, npm test. It fails where you have to fill in, and says how.`);
    return 0;
  } catch (error) {
    if (!(error instanceof CreateError)) throw error;
    say(error.message);
    return 2;
  }
}
