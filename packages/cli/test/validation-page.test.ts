import { faultAutomata, traceValidations, traceVocabularies } from '@faultpath/integration';
import { validateTrace } from '@faultpath/trace';
import { expect, test } from 'vitest';
import { docBlock } from './doc-block.ts';
import { recordingPath, recordings } from './recorded-faults.ts';

test('the table of the page on validation is what the recordings give', async () => {
  const options = { vocabularies: traceVocabularies, validations: traceValidations, provide: faultAutomata() };
  const counts = { accepted: 0, refused: 0, notrun: 0 };
  const rows: string[] = [];
  for (const name of recordings) {
    const { faults } = await validateTrace(recordingPath(name), options);
    for (const fault of faults) {
      counts[fault.verdict] += 1;
      const left =
        fault.verdict === 'notrun'
          ? fault.reason.replaceAll('|', '\\|')
          : `${fault.compared} | ${fault.leftOut.reduce((sum, row) => sum + row.count, 0)}`;
      const model = fault.verdict === 'notrun' ? '' : /v\d+\.\d+/.exec(fault.model)?.[0];
      rows.push(
        `| ${name} | ${fault.fs} ${fault.kind} | ${model} | ${fault.verdict} | ${fault.verdict === 'notrun' ? `| ${left}` : left} |`,
      );
      // A kernel beyond the eras may have functions of its own.
      const expected = name === '7.2-xfs-dax-write-hole' ? 'notrun' : 'accepted';
      expect([name, fault.verdict]).toEqual([name, expected]);
    }
  }
  const head = `${counts.accepted} accepted, ${counts.refused} refused, ${counts.notrun} notrun.\n\n| recording | fault | era | verdict | steps compared | records left out, or why not run |\n| --- | --- | --- | --- | --- | --- |\n`;
  const table = `\n${head}${rows.join('\n')}\n\n`;
  expect(docBlock('recordings', table)).toBe(table);
}, 60_000);
