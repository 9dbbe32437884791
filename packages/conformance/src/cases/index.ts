import type { ConformanceCase } from '../case.ts';
import { declaredIsBehaved } from './adapter.ts';
import {
  daxFreeze,
  daxFreezeEveryKind,
  daxReadAgainstWrite,
  daxReadAgainstWriteLazytime,
  daxReadAgainstWriteOther,
  daxReadFaults,
  daxReadInScope,
  daxSync,
  daxTruncate,
  daxWriteFaults,
} from './dax.ts';
import { daxHugeRead, daxHugeWrite } from './dax-huge.ts';
import {
  entryCreation,
  pageCacheFreeze,
  pageCacheReadAgainstWrite,
  pageCacheReadFaults,
  pageCacheWriteFaults,
  symlinkCreation,
} from './page-cache.ts';
import { withTwins } from './twins.ts';

/** Every bundled case: what a task does, in the order of the ids, and last what the adapter says of itself. */
export const cases: readonly ConformanceCase[] = withTwins([
  daxWriteFaults,
  daxReadFaults,
  daxReadAgainstWrite,
  daxReadAgainstWriteLazytime,
  daxReadInScope,
  daxTruncate,
  daxFreeze,
  daxSync,
  daxReadAgainstWriteOther,
  daxFreezeEveryKind,
  daxHugeRead,
  daxHugeWrite,
  pageCacheReadFaults,
  pageCacheWriteFaults,
  pageCacheReadAgainstWrite,
  symlinkCreation,
  entryCreation,
  pageCacheFreeze,
  declaredIsBehaved,
]);
