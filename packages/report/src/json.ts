import { conformanceSchema } from './conformance-schema.ts';
import { type ConformanceDocument, documentSchemaId } from './document.ts';
import { ReportError } from './errors.ts';
import { firstMismatch } from './json-schema.ts';
import { safeJson } from './text.ts';

/** The document as JSON; the same document is the same text, and safe to print on a terminal. */
export function toJson(document: ConformanceDocument): string {
  return `${safeJson(document)}\n`;
}

function isConformanceDocument(value: unknown): value is ConformanceDocument {
  return firstMismatch(value, conformanceSchema) === undefined;
}

/**
 * Reads a document that `toJson` wrote.
 *
 * @param name what to call the text in an error, for example its file name.
 * @throws ReportError REPORT_NOT_JSON, REPORT_BAD_DOCUMENT with the place that does not fit.
 */
export function parseDocument(text: string, name = 'the document'): ConformanceDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ReportError('REPORT_NOT_JSON', `${name} is no JSON, or ends too early`, { cause });
  }
  if (isConformanceDocument(value)) return value;
  const wrong = firstMismatch(value, conformanceSchema) ?? '';
  throw new ReportError('REPORT_BAD_DOCUMENT', `${name} is no ${documentSchemaId} document: ${wrong}`);
}
