import type { EntryRule, NamedLockRule } from '@faultpath/lockdep';
import type { SourceRecord } from '../../record.ts';
import { type FieldName, fieldName } from '../../word.ts';
import type { EventMeaning } from '../compile.ts';
import { beginningOfDax, RETURNS_TO, requestedBy, resultOfDax } from '../record-texts.ts';
import type { Route } from '../route.ts';

/**
 * All that the classifier reads of the records of one name. Two records that agree in it, coming to tasks in one state, do
 * the same. `slots` are addresses and numbers of objects: only which of them are the same matters, not which they are.
 */
export interface Reads {
  /** A number for the event's name. */
  readonly code: number;
  readonly words: readonly FieldName[];
  readonly numbers: readonly FieldName[];
  readonly slots: readonly FieldName[];
  /** The fault's address is read, for the name of its VMA's lock. */
  readonly address: boolean;
  /** What is read beside fields, as text. */
  readonly text: ((record: SourceRecord) => string) | undefined;
}

interface Listed {
  readonly words: FieldName[];
  readonly numbers: FieldName[];
  readonly slots: FieldName[];
  readonly texts: ((record: SourceRecord) => string)[];
}

const names = (...fields: string[]): FieldName[] => fields.map(fieldName);

/** Of events whose form no vocabulary describes; those that are absent here may read anything. */
const BUILTIN: Readonly<Record<string, { readonly words: FieldName[]; readonly numbers: FieldName[] }>> = {
  __proto__: null as never,
  mm_page_alloc: { words: names('gfp_flags'), numbers: names('order') },
  kmem_cache_alloc: { words: names('gfp_flags', 'call_site', 'accounted'), numbers: [] },
  kmem_cache_alloc_node: { words: names('gfp_flags', 'call_site', 'accounted'), numbers: [] },
  kmalloc: { words: names('gfp_flags', 'call_site', 'accounted'), numbers: [] },
  kmalloc_node: { words: names('gfp_flags', 'call_site', 'accounted'), numbers: [] },
  sys_enter: { words: [], numbers: [] },
  sys_exit: { words: [], numbers: [] },
  tracing_mark_write: { words: [], numbers: [] },
  print: { words: [], numbers: [] },
};

/** What is read of a route's records; `undefined` when that may be anything. */
export function readsOf(route: Route, code: number): Reads | undefined {
  const { meaning, name } = route;
  const listed: Listed = { words: [], numbers: [], slots: [], texts: [] };
  if (meaning === undefined) {
    const builtin = BUILTIN[name];
    if (builtin === undefined) return undefined;
    listed.words.push(...builtin.words);
    listed.numbers.push(...builtin.numbers);
  } else listMeaning(listed, meaning);
  const { texts } = listed;
  const [only] = texts;
  const text = texts.length < 2 ? only : (record: SourceRecord) => texts.map((each) => each(record)).join('\n');
  const what = meaning?.entry?.what;
  const address = what === 'fault-begin' || what === 'fault-handler';
  return { code, words: listed.words, numbers: listed.numbers, slots: listed.slots, address, text };
}

function listMeaning(listed: Listed, meaning: EventMeaning): void {
  const { tryEntry, primitive, named, scopeEnter, scopeRequest, entry } = meaning;
  if (tryEntry !== undefined) {
    listed.slots.push(tryEntry.field);
    return;
  }
  if (primitive !== undefined) {
    const { action } = primitive.rule;
    if (action === 'taken') {
      listed.words.push(RETURNS_TO);
      listed.numbers.push(primitive.result);
    } else {
      listed.slots.push(primitive.instance);
      if (action === 'take') listed.words.push(primitive.caller);
    }
    return;
  }
  if (named !== undefined) listNamed(listed, named);
  if (scopeRequest !== undefined) listed.texts.push((record) => requestedBy(record) ?? '');
  if (scopeEnter !== undefined) listObject(listed, scopeEnter.instance);
  if (entry !== undefined) listEntry(listed, entry);
}

function listNamed(listed: Listed, { owner, flags, newObject }: NamedLockRule): void {
  listObject(listed, owner);
  if (flags !== undefined) listed.words.push(fieldName(flags));
  if (newObject !== undefined) listed.texts.push((record) => record.getSymbol('caller') ?? '');
}

/** An object's last number tells it from others of its kind; those before it say where it is, and seldom change. */
function listObject(listed: Listed, fields: readonly string[]): void {
  listed.words.push(...names(...fields.slice(0, -1)));
  listed.slots.push(...names(...fields.slice(-1)));
}

function listEntry(listed: Listed, { what, detail }: EntryRule): void {
  switch (what) {
    case 'fault-begin':
      listed.numbers.push(fieldName('error_code'));
      break;
    case 'fault-handler':
      listed.numbers.push(fieldName('flags'));
      break;
    case 'fault-return':
      listed.numbers.push(fieldName('ret'));
      break;
    case 'reclaim-begin':
      listed.words.push(fieldName('gfp_flags'));
      break;
    case 'dax-begin':
      listed.words.push(fieldName('dev'));
      listed.slots.push(...names('ino', 'pgoff'));
      listed.texts.push(beginningOfDax);
      break;
    case 'dax-grabbed':
      listed.words.push(...names('entry', 'ret'));
      break;
    case 'dax-mapping':
      listed.words.push(fieldName('ops'));
      break;
    case 'dax-mapped':
      if (detail === undefined) listed.words.push(...names('type', 'flags'));
      break;
    case 'dax-end':
      listed.texts.push(resultOfDax);
      break;
    default:
      break;
  }
}
