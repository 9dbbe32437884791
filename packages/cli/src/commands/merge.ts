import type { Command } from '../command.ts';
import { inputName, readInput } from '../input.ts';
import { checkReportOptions, giveReports, reportOptions } from '../reports.ts';
import { mergeWitnesses } from '../witnesses.ts';

export const merge: Command = {
  summary: 'merge the results of shards into one report',
  describe:
    'Reads the JSON documents that the shards of one conformance run wrote, and gives the report that the whole run would have given. Every shard of a run must come, and come once.',
  arguments: [{ name: 'FILE', many: true, says: 'documents written with --json or --out, - for standard input' }],
  options: reportOptions,
  examples: [
    { line: 'faultpath merge shard-1.json shard-2.json shard-3.json', says: 'the table of the whole run' },
    {
      line: 'faultpath merge shards/*.json --junit junit.xml --html report.html',
      says: 'from the last job of a CI matrix',
    },
  ],
  exits: {
    0: 'all cells as expected',
    1: 'a MUST case failed, or an expected failure passed',
    2: 'a cell is incomplete, nothing was executed, or the documents do not fit together',
  },
  async run(values, io) {
    checkReportOptions(values, io);
    const { mergeDocuments, parseDocument } = await import('@faultpath/report');
    const documents = [];
    for (const path of values.words) documents.push(parseDocument(await readInput(path, io), inputName(path)));
    const whole = mergeDocuments(documents);
    return giveReports(whole, await mergeWitnesses(documents, whole), values, io);
  },
};
