export type {
  AllocEvent,
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
export type { Because, CycleMember, Feasibility, Finding, FindingLevel } from './finding.ts';
export type { Knowledge, Rule, RuleRun, TaskContext } from './rule.ts';
export type {
  CallerRule,
  EntryRule,
  InvisibleRule,
  NamedLockRule,
  PrimitiveRule,
  SiteRule,
  TraceScopeRule,
  TraceVocabulary,
} from './vocabulary.ts';
