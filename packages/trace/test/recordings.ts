import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { ext4TraceVocabulary } from '@faultpath/ext4';
import { xfsTraceVocabulary } from '@faultpath/xfs';

export const vocabularies = [ext4TraceVocabulary, xfsTraceVocabulary];

/** Path of a fixture: a recording of a stock kernel unless its name begins with `lockdep`. */
export const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}.txt.gz`, import.meta.url));

export const fixtureText = (name: string): string => gunzipSync(readFileSync(fixture(name))).toString('latin1');

/** A source made of text. */
export const textSource = (text: string): Uint8Array[] => [Buffer.from(text, 'utf8')];

/** One line as tracefs prints it. */
export const line = (time: string, rest: string, task = 'faults-392', flags = '.....'): string =>
  `${task.padStart(16 + task.length - task.lastIndexOf('-'))}     [000] ${flags}   ${time}: ${rest}\n`;
