export { xfsTraceVocabulary } from './trace-vocabulary.ts';
