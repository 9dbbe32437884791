export { adapters } from './adapters.ts';
export { crossCases as cases } from './cases/cross.ts';
export { expectations } from './expectations.ts';
export { type FaultModel, faultAutomata, type RecordedFault } from './fault-automata.ts';
export { type SplatModelsOptions, splatModels } from './splat-models.ts';
export { traceValidations } from './trace-validations.ts';
export { traceLockOrders, traceVocabularies } from './trace-vocabularies.ts';
