export { ext2 } from './adapter.ts';
export { ext2SplatNames } from './recorded/splat-names.ts';
export { ext2TraceVocabulary } from './recorded/trace-vocabulary.ts';
export { ext2Validation } from './recorded/validation.ts';
