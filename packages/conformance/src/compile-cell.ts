import { compileSystem, type System } from '@faultpath/engine';
import { buildFaultModel } from '@faultpath/mm';
import { adapterProblem, codedProblem } from './adapter-error.ts';
import type { CaseSetting, ConformanceCase } from './case.ts';
import { ConformanceError } from './errors.ts';
import { PATIENCE, withPatience } from './patience.ts';

/**
 * The model of a cell, ready for a search. `patience`: milliseconds that a handler may go round without a step.
 *
 * @throws whatever keeps the adapter from being explored, with the code that a run of the suite would tell;
 * ConformanceError `CONFORMANCE_BAD_CASE` when the case cannot be run in this setting, `CONFORMANCE_ADAPTER_HANGS`
 */
export function compileCell(subject: ConformanceCase, setting: CaseSetting, patience = PATIENCE): System {
  const { fs, era, policy } = setting;
  const problem = adapterProblem(fs);
  if (problem !== undefined) throw codedProblem(problem, fs);
  const missing = subject.requires(setting);
  if (missing !== undefined)
    throw new ConformanceError('CONFORMANCE_BAD_CASE', subject.id, `is not run here: ${missing}`);
  try {
    return withPatience({ fs: fs.name, era, policy, case: subject.id }, fs, patience, () =>
      compileSystem(buildFaultModel(subject.scenario(setting))),
    );
  } catch (error) {
    throw codedProblem(error, fs);
  }
}

/** The same; undefined where there is none. */
export function systemOf(subject: ConformanceCase, setting: CaseSetting, patience?: number): System | undefined {
  try {
    return compileCell(subject, setting, patience);
  } catch {
    return undefined;
  }
}
