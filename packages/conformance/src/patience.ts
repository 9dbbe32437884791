import { createContext, Script } from 'node:vm';
import { hangsFromNowOn } from './adapter-error.ts';
import { ConformanceError } from './errors.ts';
import { type Cell, cellName } from './result.ts';

/** Learning any bundled model takes a hundredth of it. */
export const PATIENCE = 30_000;

const sandbox: { body?: () => unknown } = {};
const context = createContext(sandbox);
const script = new Script('body()');

/**
 * Runs what runs an adapter's own code, and ends it when it does not come back: a loop without a yield leaves nobody else
 * in its thread a chance to. The adapter is not tried again.
 *
 * @throws ConformanceError `CONFORMANCE_ADAPTER_HANGS`, and whatever `body` throws
 */
export function withPatience<T>(cell: Cell, fs: object, patience: number, body: () => T): T {
  if (patience === Number.POSITIVE_INFINITY) return body();
  const outer = sandbox.body;
  sandbox.body = body;
  try {
    return script.runInContext(context, { timeout: patience }) as T;
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    const seconds = Math.round(patience / 1000);
    const why = `a handler did not come back within ${seconds} s: it goes round without a yield`;
    hangsFromNowOn(fs, `not tried: it did not come back from ${cellName(cell)}`);
    throw new ConformanceError('CONFORMANCE_ADAPTER_HANGS', cell.fs, why);
  } finally {
    if (outer === undefined) delete sandbox.body;
    else sandbox.body = outer;
  }
}
