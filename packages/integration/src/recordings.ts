export { traceLockOrders, traceVocabularies } from './trace-vocabularies.ts';
