export type { CheckOptions } from './check.ts';
export { checkTrace } from './check.ts';
export type { ClassifierCounts } from './classify/classifier-sink.ts';
export type { TraceFault, TraceReclaim } from './classify/fault-record.ts';
export type { KernelGuess } from './classify/kernel-guess.ts';
export type { Write } from './convert/write-events.ts';
export { writeEvents } from './convert/write-events.ts';
export { writePerfetto } from './convert/write-perfetto.ts';
export type { ReadTraceDatOptions, TraceDatErrorCode, TraceDatSummary } from './dat/index.ts';
export { isTraceDat, readTraceDat, TraceDatError } from './dat/index.ts';
export type { TraceErrorCode } from './error.ts';
export { TraceError } from './error.ts';
export type { FaultOptions, RecordingFacts, TraceNotRun, TraceReport } from './fault-report.ts';
export { readFaults } from './fault-report.ts';
export { EVENT_FILE_SCHEMA } from './jsonl/read-events.ts';
export type { ReadOptions, ReadSink, ReadSummary } from './read.ts';
export { readTrace } from './read.ts';
export type { RawRecord, RecordSink, UnreadablePiece } from './record.ts';
export { renderFault } from './render.ts';
export type { TraceScriptOptions } from './script/trace-script.ts';
export { traceScript } from './script/trace-script.ts';
export type { TraceSource } from './text/source.ts';
export type { AutomatonEdge, AutomatonState, AutomatonStep, FaultAutomaton, ModelStep } from './validate/automaton.ts';
export type { LeftOut, RecordedStep } from './validate/project.ts';
export { renderValidation } from './validate/render-validation.ts';
export type { CompiledFaults, Disagreement, FaultVerdict, Projection } from './validate/validate-fault.ts';
export { compileFaults, validateFault } from './validate/validate-fault.ts';
export type {
  ProvideAutomaton,
  ProvidedAutomaton,
  ValidatedFault,
  ValidateOptions,
  ValidationReport,
  WantedFault,
} from './validate/validate-trace.ts';
export { validateTrace } from './validate/validate-trace.ts';
export { coreTraceVocabulary } from './vocabulary/core.ts';
