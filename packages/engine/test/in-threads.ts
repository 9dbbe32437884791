// What the tests of worker threads need of one build: threads run no TypeScript.
export { compileSystem, EngineError, exploreParallel, exploreSystem } from '../src/index.ts';
export { canExploreParallel, startThreads } from '../src/parallel/threads.ts';
export { reclaimModel } from './models/reclaim.ts';
export { modelOf } from './oracle/program.ts';
