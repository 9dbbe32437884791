export { nilfs2 } from './adapter.ts';
export { type Nilfs2Decision, nilfs2Decisions } from './decisions.ts';
export { nilfs2SplatNames } from './splat-names.ts';
export { nilfs2TraceVocabulary } from './trace-vocabulary.ts';
