export { lockOrder as xfsLockOrder } from './lock-order.ts';
export { xfsTraceVocabulary } from './trace-vocabulary.ts';
