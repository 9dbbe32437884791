export { adapters } from './adapters.ts';
export { expectations } from './expectations.ts';
export { traceVocabularies } from './trace-vocabularies.ts';
