import type { ConformanceCase } from '@faultpath/conformance';
import { crossCases } from './cross.ts';
import { delallocCases } from './delalloc.ts';
import { loopCases } from './loop.ts';

/** Cases that only the bundled filesystems have. */
export const cases: readonly ConformanceCase[] = [...crossCases, ...loopCases, ...delallocCases];
