export { ext4TraceVocabulary } from './trace-vocabulary.ts';
