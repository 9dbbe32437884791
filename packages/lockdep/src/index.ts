export type { ClassGraphOptions, SuppressedEdge } from './class-graph.ts';
export { ClassGraph } from './class-graph.ts';
export type { ClassCycle, CycleEdge } from './cycle.ts';
export type { AssumedEdge, AssumedLock, ClassEdge, DependencyType, Evidence, LockFact } from './dependency.ts';
export type { LockdepErrorCode } from './errors.ts';
export { LockdepError } from './errors.ts';
export type {
  AllocEvent,
  CallEvent,
  DataEvent,
  FaultEvent,
  FaultpathEvent,
  LockEvent,
  LockKind,
  LockMode,
  LostEvent,
  MaskFact,
  MaskSource,
  MaskStoreEvent,
  OwnerFact,
  ReclaimEvent,
  ScopeEvent,
  WaitEvent,
  Where,
} from './events.ts';
export type { ExplainedEdge, Explanation, ScenarioColumn } from './explain.ts';
export { explainCycle, explainEdge } from './explain.ts';
export type { FeasibilityOptions, WitnessAnswer } from './feasibility.ts';
export { judgeFeasibility } from './feasibility.ts';
export type { Because, CycleMember, Feasibility, Finding, FindingLevel, HeldLock } from './finding.ts';
export type { Judgement, JudgeOptions, NotRun, RunningJudgement } from './judge.ts';
export { judge, startJudgement } from './judge.ts';
export type { LockClass } from './lock-class.ts';
export { FS_RECLAIM, IO_RECLAIM, MMU_NOTIFIER } from './lock-class.ts';
export type { ProcClass } from './proc-lockdep.ts';
export { readProcLockdep } from './proc-lockdep.ts';
export { renderExplanation, renderKernelStyle } from './render.ts';
export type { Knowledge, LockContract, LockOrder, Rule, RuleRun, RuleSetup, TaskContext } from './rule.ts';
export { circular } from './rules/circular.ts';
export { faultContract } from './rules/fault-contract.ts';
export { fsRecursion } from './rules/fs-recursion.ts';
export { rules } from './rules/index.ts';
export { lockContract } from './rules/lock-contract.ts';
export { lockLeaf } from './rules/lock-leaf.ts';
export { lockLeak } from './rules/lock-leak.ts';
export { lockOrder } from './rules/lock-order.ts';
export { mappingMask } from './rules/mapping-mask.ts';
export { maskJuggling } from './rules/mask-juggling.ts';
export { scopeBalance } from './rules/scope-balance.ts';
export type { Segment } from './segments.ts';
export { segmentsOf } from './segments.ts';
export type { AnsweredEdge, KnownEdge, SilenceAnswer, SplatAnswer, SplatModel } from './splat/answer.ts';
export { answerSilence, answerSplat } from './splat/answer.ts';
export type { SplatEdge } from './splat/edges.ts';
export { edgesOf } from './splat/edges.ts';
export type { GraphModelOptions } from './splat/graph-model.ts';
export { graphModel } from './splat/graph-model.ts';
export { readSplats, SplatReader } from './splat/reader.ts';
export { renderSilence, renderSplatAnswer } from './splat/render-answer.ts';
export type { SplatKind, SplatLink, SplatLock, SplatReading, SplatReport } from './splat/report.ts';
export { TaskTracker } from './task-tracker.ts';
export type { Theory } from './theory.ts';
export type { AwayRule, UnseenRule, ValidationVocabulary } from './validation.ts';
export type {
  CallerRule,
  EntryRule,
  InvisibleRule,
  NamedLockPart,
  NamedLockRule,
  PrimitiveRule,
  ProbeRule,
  RecordRule,
  SiteRule,
  TraceScopeRule,
  TraceVocabulary,
} from './vocabulary.ts';
export type { TaskList, Watch } from './watch.ts';
