export { lockOrder as nilfs2LockOrder } from './lock-order.ts';
export { nilfs2TraceVocabulary } from './trace-vocabulary.ts';
