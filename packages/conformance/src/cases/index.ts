import type { ConformanceCase } from '../case.ts';
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

/** Every bundled case, in the order of its id. */
export const cases: readonly ConformanceCase[] = [
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
];
