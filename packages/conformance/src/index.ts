export { adapterProblem } from './adapter-error.ts';
export { boundsText, type LargerBounds, parseBounds, widenCase } from './bounds.ts';
export { type CaseSetting, type ConformanceCase, defineCase, type Examination, type Twin } from './case.ts';
export { cases } from './cases/index.ts';
export { faultRules } from './cases/scenario.ts';
export { compileCell } from './compile-cell.ts';
export { contractsOf } from './contracts.ts';
export { deadlockFinding, modelErrorFinding } from './deadlock-finding.ts';
export { ConformanceError, type ConformanceErrorCode } from './errors.ts';
export {
  applyExpectation,
  type Expectation,
  type ExpectationsFile,
  expectationFor,
  parseExpectations,
} from './expectations.ts';
export { judgeModel, modelEvents } from './judge-model.ts';
export type { MutantKind } from './mutants/enumerate.ts';
export type { MutantProof, MutantResult, MutantVerdict } from './mutants/judge-mutant.ts';
export {
  type MutantOptions,
  type MutantReport,
  type MutantSummary,
  mergeMutantReports,
  runMutants,
} from './mutants/run-mutants.ts';
export { type ParallelMutantOptions, runMutantsParallel } from './mutants/run-parallel.ts';
export { loadModules } from './parallel/load-module.ts';
export { adaptersIn, casesIn } from './parallel/protocol.ts';
export { canRunParallel, type ParallelOptions, runParallel } from './parallel/run-parallel.ts';
export { type PlannedCell, type PlanOptions, planCells, type Selection } from './plan.ts';
export { type Replay, replay } from './replay.ts';
export { type Cell, type CellOutcome, type CellResult, cellName, type Level, type Verdict } from './result.ts';
export { explorationRules, modelKnowledge, modelRules, ruleIds } from './rules.ts';
export { type CellOptions, runCell } from './run-cell.ts';
export { type ConformanceOptions, type RunOptions, runConformance } from './run-conformance.ts';
export { type ChangeStep, changeSteps } from './twins/interpose.ts';
export { runTwins, type TwinResult, type TwinVerdict } from './twins/run-twins.ts';
export { type ExpectationsUpdate, updateExpectations } from './update-expectations.ts';
export { replayCommand, viewWitness, type WitnessView, type WitnessViewStep } from './witness-view.ts';
