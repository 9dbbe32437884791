import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { faultAutomata, traceValidations, traceVocabularies } from '@faultpath/integration';
import { type CompiledFaults, compileFaults, readFaults, type TraceFault } from '@faultpath/trace';

const folder = fileURLToPath(new URL('./fixtures/validate/', import.meta.url));

/** Names of the recordings of faults, without the ending; the kernel comes first. */
export const recordings: readonly string[] = readdirSync(folder)
  .map((name) => name.replace(/\.txt\.gz$/, ''))
  .sort();

export const recordingPath = (name: string): string => `${folder}${name}.txt.gz`;

/** Recordings that are mutated: one-page faults over a hole, of every kind, and writes to a page that is mapped already. */
export const mutated: readonly string[] = recordings.filter((name) =>
  /6\.1-\w+-dax-((read|write|cow|sync-write)-hole|unlink|upgrade)/.test(name),
);

/** The recordings of faults through the page cache, all of which are mutated. */
export const mutatedPages: readonly string[] = recordings.filter((name) => /6\.1-\w+-(page|nodax)-/.test(name));

const provide = faultAutomata();
const compiled = new Map<string, CompiledFaults>();

/** The only fault of a recording. */
export async function faultOf(name: string): Promise<TraceFault> {
  return faultIn(recordedLines(name));
}

export const recordedLines = (name: string): readonly string[] =>
  gunzipSync(readFileSync(recordingPath(name)))
    .toString('latin1')
    .split('\n');

/** The only fault in lines of a recording. */
export async function faultIn(lines: readonly string[]): Promise<TraceFault> {
  const bytes = Buffer.from(lines.join('\n'), 'latin1');
  const { faults } = await readFaults([bytes], { vocabularies: traceVocabularies });
  const [fault] = faults;
  if (fault === undefined || faults.length > 1) throw new Error(`the recording has ${faults.length} faults`);
  return fault;
}

/** The model that a recording's fault is compared with; made once a model. */
export function modelOf(name: string, { fs = '', access, kind }: TraceFault): CompiledFaults {
  const lockdep = name.startsWith('lockdep');
  const sync = kind.includes(' sync ');
  const route = kind.startsWith('dax') ? 'dax' : 'page';
  const key = `${fs} ${route} ${access} ${sync} ${lockdep}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const kernel = '6.1';
  if (access === 'unknown') throw new Error('the recording does not say whether it read or wrote');
  const provided = provide({ fs, route, access, sync, kernel, lockdep });
  if ('notrun' in provided) throw new Error(provided.notrun);
  const vocabularies = traceValidations.filter((each) => each.fs === undefined || each.fs === fs);
  const made = compileFaults(provided.automaton, { vocabularies, kernel, lockdep });
  compiled.set(key, made);
  return made;
}
