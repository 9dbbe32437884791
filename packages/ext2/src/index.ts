export { ext2 } from './adapter.ts';
export { ext2SplatNames } from './splat-names.ts';
export { ext2TraceVocabulary } from './trace-vocabulary.ts';
