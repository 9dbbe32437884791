import { readFile } from 'node:fs/promises';
import { faultAutomata, traceValidations, traceVocabularies } from '@faultpath/integration';
import { validateTrace, writeEvents } from '@faultpath/trace';
import { describe, expect, test } from 'vitest';
import { recordingPath, recordings } from './recorded-faults.ts';
import { mismatch, type Schema } from './schema-check.ts';

const options = { vocabularies: traceVocabularies, validations: traceValidations, provide: faultAutomata() };

async function converted(name: string): Promise<string> {
  const pieces: string[] = [];
  await writeEvents(recordingPath(name), options, (piece) => {
    pieces.push(piece);
  });
  return pieces.join('');
}

describe('a recording that was converted to events', () => {
  test('is validated as the recording is', async () => {
    for (const name of recordings) {
      const there = await validateTrace(recordingPath(name), options);
      const back = await validateTrace([Buffer.from(await converted(name))], options);
      expect(back.faults).toEqual(there.faults);
      expect(back.faults.length).toBeGreaterThan(0);
    }
  });

  test('has only lines that the published schema knows', async () => {
    const file = new URL('../../trace/schema/events-2.json', import.meta.url);
    const schema = JSON.parse(await readFile(file, 'utf8')) as Schema;
    for (const name of ['6.1-xfs-dax-write-hole', 'lockdep-6.1-ext4-dax-sync-write-hole']) {
      const lines = (await converted(name)).trimEnd().split('\n');
      expect(lines.map((text) => mismatch(JSON.parse(text), schema)).filter((why) => why !== undefined)).toEqual([]);
      const facts = lines.find((text) => text.includes('"fault-facts"')) as string;
      expect(mismatch(JSON.parse(facts.replace('"complete":true', '"complete":1')), schema)).toBeDefined();
    }
  });
});
