export { adapters } from './adapters.ts';
export { cases } from './cases/index.ts';
export { expectations } from './expectations.ts';
export { type FaultModel, faultAutomata, type RecordedFault } from './fault-automata.ts';
export { type SplatModelsOptions, splatModels } from './splat-models.ts';
export { traceValidations } from './trace-validations.ts';
export { traceLockOrders, traceVocabularies } from './trace-vocabularies.ts';
