import { documentSchemaId, verdicts } from './document.ts';
import type { JsonSchema } from './json-schema.ts';

const text: JsonSchema = { type: 'string', minLength: 1 };
const anyText: JsonSchema = { type: 'string' };
const count: JsonSchema = { type: 'integer', minimum: 0 };
const flag: JsonSchema = { type: 'boolean' };
const texts: JsonSchema = { type: 'array', items: anyText };

// Unknown properties are let through: a later release may add some without a new version of the shape.
function record(
  description: string,
  required: Readonly<Record<string, JsonSchema>>,
  optional: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  return {
    description,
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
  };
}

const mode: JsonSchema = { enum: ['exclusive', 'shared', 'recursive-shared'] };
const where: JsonSchema = { $ref: '#/$defs/where' };
const lock: JsonSchema = { $ref: '#/$defs/lock' };

/**
 * JSON Schema of the conformance document. The published file `schema/conformance-1.schema.json` is this object
 * written out, and documents are read against it.
 */
export const conformanceSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: `${documentSchemaId}.schema.json`,
  title: 'faultpath conformance document',
  ...record(
    'One run of the conformance suite: a result per filesystem, release, mask policy and case.',
    {
      schema: { const: documentSchemaId },
      results: { type: 'array', items: { $ref: '#/$defs/result' } },
      summary: { $ref: '#/$defs/summary' },
    },
    { version: text, shard: { $ref: '#/$defs/shard' } },
  ),
  $defs: {
    result: record(
      'One cell of the table.',
      {
        fs: text,
        era: text,
        policy: text,
        case: text,
        title: anyText,
        level: { enum: ['MUST', 'SHOULD'] },
        counterfactual: flag,
        verdict: { enum: verdicts },
        states: count,
        transitions: count,
        exhausted: flag,
        bounds: { type: 'object', additionalProperties: { type: 'number' } },
        findings: { type: 'array', items: { $ref: '#/$defs/finding' } },
        notes: texts,
      },
      { reason: anyText, link: anyText, larger: text, system: text, sameAs: text },
    ),
    summary: record(
      'Counts of verdicts, and what was explored; a cell explored together with another adds to the verdicts only.',
      {
        pass: count,
        fail: count,
        notrun: count,
        incomplete: count,
        xfail: count,
        xpass: count,
        states: count,
        transitions: count,
      },
      { seconds: { type: 'number', minimum: 0 } },
    ),
    shard: record('Which part of a run it is.', {
      index: { type: 'integer', minimum: 1 },
      of: { type: 'integer', minimum: 1 },
      run: text,
      witnesses: {
        type: 'array',
        items: record('A witness, and the cell that it is of.', {
          cell: record('The name of a cell.', { fs: text, era: text, policy: text, case: text }),
          witness: { $ref: '#/$defs/witness' },
        }),
      },
    }),
    witness: record('A schedule that shows a finding, step by step.', {
      tasks: texts,
      steps: {
        type: 'array',
        items: record(
          'One step of one task.',
          { task: count, step: count, text: anyText, backtrace: texts },
          { note: anyText, waits: flag },
        ),
      },
      finding: { $ref: '#/$defs/finding' },
      replay: anyText,
    }),
    finding: record(
      'What a rule reports.',
      {
        rule: text,
        level: { enum: ['error', 'advisory', 'note'] },
        claim: text,
        because: { type: 'array', minItems: 1, items: { $ref: '#/$defs/because' } },
      },
      {
        schedule: text,
        cycle: { type: 'array', items: { $ref: '#/$defs/member' } },
        feasibility: record(
          'How far a class-level cycle was followed.',
          { verdict: { enum: ['witnessed', 'infeasible', 'undecided'] } },
          { schedule: text, why: anyText },
        ),
        where,
      },
    ),
    because: record('One step of an explanation.', { text }, { task: anyText, where, backtrace: texts }),
    member: record(
      'One task of a wait-for cycle; the next member holds what it wants.',
      { task: anyText, holds: { type: 'array', items: lock }, wants: lock, backtrace: texts },
      { where, mask: anyText },
    ),
    lock: record(
      'A lock and how it is taken; where, of one that is held.',
      { lock: anyText, instance: anyText, mode },
      { where },
    ),
    where: record(
      'Where to look it up.',
      {},
      {
        file: anyText,
        line: count,
        record: count,
        timestamp: anyText,
        cpu: count,
        step: count,
      },
    ),
  },
};
