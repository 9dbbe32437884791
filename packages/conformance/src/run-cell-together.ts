import { canExploreParallel, type Exploration, exploreParallel } from '@faultpath/engine';
import type { CaseSetting, ConformanceCase } from './case.ts';
import type { CellOutcome } from './result.ts';
import { type CellOptions, cellSteps, type Explored, runCell } from './run-cell.ts';

/** How many threads take the steps of a search, and what ends it. One thread searches where there are no others. */
export interface Together {
  readonly workers: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** As `runCell`, and with the same outcome, but several threads share the search where several are wanted and there. */
export async function runCellTogether(
  subject: ConformanceCase,
  setting: CaseSetting,
  options: CellOptions,
  explored: Explored,
  { workers, signal }: Together,
): Promise<CellOutcome> {
  if (workers === undefined || !canExploreParallel) return runCell(subject, setting, options, explored);
  const steps = cellSteps(subject, setting, options, explored);
  let next = steps.next();
  while (next.done !== true) {
    let exploration: Exploration;
    try {
      exploration = await exploreParallel(next.value.system, {
        ...next.value.options,
        workers,
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      // A model that cannot be explored is a finding of its adapter.
      next = steps.throw(error);
      continue;
    }
    next = steps.next(exploration);
  }
  return next.value;
}
