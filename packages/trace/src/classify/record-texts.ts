import { type SourceRecord, symbolName } from '../record.ts';
import { fieldName } from '../word.ts';

/** Where a probe on a function's return says who called. */
export const RETURNS_TO = /* @__PURE__ */ fieldName('__probe_ret_ip');

/** The function behind `caller ` at the end of a journal start's text. */
export function requestedBy(record: SourceRecord): string | undefined {
  const body = record.format();
  const at = body.lastIndexOf('caller ');
  return at === -1 ? undefined : Buffer.from(symbolName(body.slice(at + 7)), 'latin1').toString('latin1');
}

/** How a DAX fault begins: a private mapping or a shared one, and what is done to it. */
export function beginningOfDax(record: SourceRecord): 'cow' | 'mkwrite' | 'other' {
  const text = record.format();
  if (text.includes(' private ') && text.includes('WRITE')) return 'cow';
  return text.includes('MKWRITE') ? 'mkwrite' : 'other';
}

/** The last word of what a DAX fault prints when it ends: its result. */
export function resultOfDax(record: SourceRecord): string {
  const body = record.format().trimEnd();
  return body.slice(body.lastIndexOf(' ') + 1);
}
