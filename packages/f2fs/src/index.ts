export { f2fs } from './adapter.ts';
export { type F2fsDecision, f2fsDecisions } from './decisions.ts';
export { f2fsSplatNames } from './splat-names.ts';
export { f2fsTraceVocabulary } from './trace-vocabulary.ts';
