import { Worker } from 'node:worker_threads';
import { CliError } from './errors.ts';

/** A module that declares adapters is loaded in well under a second. */
const PATIENCE = 30_000;

/** What a thread does with the URL of a module. What importing throws is told where it counts, by who imports it next. */
const TRIAL = `
const { parentPort, workerData } = require('node:worker_threads');
const told = () => setImmediate(() => parentPort.postMessage('back'));
import(workerData).then(told, told);
`;

/**
 * Loads a module in a thread of its own first: one that never comes back, fails unseen or ends the process must not take the run
 * with it, and least of all end it as if all were well.
 *
 * @throws CliError CLI_BAD_ADAPTER
 */
export async function tryLoading(name: string, url: string, patience = PATIENCE): Promise<void> {
  const thread = new Worker(TRIAL, { eval: true, workerData: url, stdout: true, stderr: true });
  let timer: NodeJS.Timeout | undefined;
  const refused = (why: string): CliError =>
    new CliError('CLI_BAD_ADAPTER', `${name} ${why}`, 'declare adapters there, and nothing that runs by itself');
  try {
    await new Promise<void>((done, fail) => {
      timer = setTimeout(() => fail(refused(`is not loaded after ${Math.round(patience / 1000)} s`)), patience);
      thread.once('message', () => done());
      // Not what importing throws, but a promise that nobody waits for, or a timer.
      thread.once('error', (error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        fail(refused(`fails behind the back of who loads it: ${why}`));
      });
      thread.once('exit', () => fail(refused('ends the process, or waits for ever, while it is loaded')));
    });
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}
