export { lockOrder as ext4LockOrder } from './lock-order.ts';
export { ext4TraceVocabulary } from './trace-vocabulary.ts';
