export { type ApproximateOptions, type Approximation, exploreApproximately } from './approximate.ts';
export type { Checkpoint } from './checkpoint.ts';
export { EngineError, type EngineErrorCode } from './errors.ts';
export {
  type DeadlockFinding,
  type Exploration,
  type ExploreOptions,
  explore,
  exploreSystem,
  type ModelErrorFinding,
  type Prologue,
} from './explore.ts';
export { type AsyncExploreOptions, exploreAsync } from './explore-async.ts';
export { exploreParallel, type ParallelExploreOptions } from './explore-parallel.ts';
export { type ExportFormat, type ExportOptions, exportFormats, exportSystem } from './export/export.ts';
export { type Call, isCall, type KernelFunction, kernelFunction, type Returned } from './kernel-function.ts';
export { createKnownSearches, type KnownSearches } from './known-searches.ts';
export type { SystemLimits } from './limits.ts';
export type { Model, Thread } from './model.ts';
export {
  type Alternative,
  add,
  addFrom,
  type Comparison,
  type Effect,
  type Guard,
  type Hold,
  type Op,
  op,
  set,
  when,
} from './op.ts';
export { canExploreParallel } from './parallel/threads.ts';
export { awaitValue, increment, load, store } from './primitives/cell.ts';
export { choose } from './primitives/choose.ts';
export { type Counter, createCounter, give, take } from './primitives/counter.ts';
export { createMutex, lock, type Mutex, tryLock, unlock } from './primitives/mutex.ts';
export { note } from './primitives/note.ts';
export {
  createRwLock,
  type RwLock,
  readLock,
  readUnlock,
  tryReadLock,
  writeLock,
  writeUnlock,
} from './primitives/rwlock.ts';
export { createWaitQueue, sleepWhile, type WaitQueue, wakeAll, wakeOne } from './primitives/waitqueue.ts';
export { type SampleOptions, type Sampling, sample } from './sample.ts';
export { formatSchedule, type Move, parseSchedule } from './schedule.ts';
export type { SearchProgress } from './search.ts';
export { type RunStep, type Simulation, simulate, type ThreadSnapshot } from './simulate.ts';
export { compileSystem, type System, systemKey } from './system.ts';
export type { TakenStep, WalkedStep } from './taken.ts';
export type { Edge, LocalState, Passed } from './unfold.ts';
export { registerConstant } from './value.ts';
export { agrees, createView, type Looks, type View } from './view.ts';
export type { Waiter, Witness } from './witness.ts';
export { type Cell, createWorld, type LocalCell, type SyncObject, type World } from './world.ts';
