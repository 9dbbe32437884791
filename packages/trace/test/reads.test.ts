import { describe, expect, test } from 'vitest';
import { Classifier } from '../src/classify/classifier.ts';
import { readsOf } from '../src/classify/memory/reads.ts';
import type { Route } from '../src/classify/route.ts';
import { readTraceDat } from '../src/dat/index.ts';
import type { RecordSink, SourceRecord } from '../src/record.ts';
import { TextScanner } from '../src/text/scan-text.ts';
import { coreTraceVocabulary } from '../src/vocabulary/core.ts';
import type { FieldName } from '../src/word.ts';
import { fixture as datFixture } from './dat/collect.ts';
import { fixtureText, vocabularies } from './recordings.ts';

/** Reads that no report and no later record depends on, or that a table tells in a form of its own. */
const BESIDE: readonly (readonly [event: RegExp, field: string])[] = [
  // Only for the name of a VMA's lock; read where a recording has such locks.
  [/^(page_fault_user|page_fault_kernel|handle_mm_fault)$/, 'address'],
  // Only compared by an event that is never repeated from memory.
  [/^mm_page_alloc$/, 'pfn'],
];

/** What the classifier asks of the records of each event, and was not told of by `readsOf`. */
async function undeclared(read: (sink: RecordSink) => unknown, beside = BESIDE) {
  const found = new Set<string>();
  let judged = 0;
  const classifier = new Classifier(
    { vocabularies: [coreTraceVocabulary, ...vocabularies], kernel: '6.1' },
    { event: () => undefined },
  );
  const watch = (record: SourceRecord): SourceRecord => {
    const route = routeOf(classifier, record);
    const reads = route === undefined ? undefined : readsOf(route, 1);
    if (reads === undefined) return record;
    judged += 1;
    const known = new Set([...reads.words, ...reads.numbers, ...reads.slots].map(({ name }) => name));
    const ask = (name: string): void => {
      // These are worked out as one text by the same function here and there.
      const isText = reads.text !== undefined && (name === 'its text' || name === 'caller');
      const isBeside = beside.some(([event, field]) => field === name && event.test(record.name));
      if (!known.has(name) && !isText && !isBeside) found.add(`${record.name}: ${name}`);
    };
    return new Proxy(record, {
      get(target, member) {
        const value: unknown = Reflect.get(target, member, target);
        if (typeof value !== 'function') return value;
        return (...parameters: unknown[]) => {
          const [field] = parameters;
          if (member === 'word' || member === 'number') ask((field as FieldName).name);
          else if (typeof member === 'string' && /^get[A-Z]/.test(member)) ask(field as string);
          else if (member === 'format') ask('its text');
          return (value as (...all: unknown[]) => unknown).apply(target, parameters);
        };
      },
    });
  };
  await read({
    record: (record) => classifier.record(watch(record as SourceRecord)),
    wants: (name) => classifier.wants(name),
    lost: (where) => classifier.lost(where),
    unreadable: (piece) => classifier.unreadable(piece),
  });
  return { found: [...found].sort(), judged };
}

/** The route of a record's name, as the classifier has it. */
function routeOf(classifier: Classifier, record: SourceRecord): Route | undefined {
  return record.event.route ?? classifier.routeOf(record);
}

const scan =
  (name: string) =>
  (sink: RecordSink): void => {
    const scanner = new TextScanner(sink);
    scanner.feed(Buffer.from(fixtureText(name), 'latin1'));
    scanner.end();
  };

describe('what a run from memory is known by', () => {
  test.each([
    '5.10-ext4-dax-read-hole',
    '6.1-ext4-dax-sync-write-hole',
    '6.1-ext4-page-write-hole',
    '6.1-xfs-dax-write-hole',
    '7.2-ext4-dax-write-hole',
  ])('is all that is read of its records: %s', async (name) => {
    const { found, judged } = await undeclared(scan(name));
    expect(judged).toBeGreaterThan(50);
    expect(found).toEqual([]);
  });

  test('is all that is read of the records of a trace.dat', async () => {
    const path = datFixture('many-faults-start.v7zstd.dat');
    const read = (sink: RecordSink) => readTraceDat(path, sink, { wants: (name) => sink.wants?.(name) ?? true });
    const { found, judged } = await undeclared(read);
    expect(judged).toBeGreaterThan(1000);
    expect(found).toEqual([]);
  });

  test('leaves out what is read beside it, which is noticed', async () => {
    const { found } = await undeclared(scan('6.1-xfs-dax-write-hole'), []);
    expect(found).toContain('mm_page_alloc: pfn');
  });
});
