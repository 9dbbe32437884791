export { lockOrder as f2fsLockOrder } from './lock-order.ts';
export { f2fsTraceVocabulary } from './trace-vocabulary.ts';
