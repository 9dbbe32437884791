import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What SPIN says about a model. */
export interface SpinVerdict {
  readonly states: number;
  readonly transitions: number;
  /** Invalid end states, each once; or failed assertions. */
  readonly errors: number;
}

function works(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** Why SPIN cannot be asked here; undefined when it can. */
export const spinMissing: string | undefined = !works('spin', ['-V'])
  ? 'spin is not installed (Debian: apt-get install spin)'
  : !works('gcc', ['--version'])
    ? 'gcc is not installed (Debian: apt-get install gcc)'
    : undefined;

/** How to build and run a verifier. */
export interface SpinOptions {
  /** `-D` settings of the model, and other words for `spin`. */
  readonly defines?: readonly string[];
  /** Go on after the first error, and count them all. */
  readonly all?: boolean;
  readonly optimise?: string;
}

/** Generates, builds and runs the verifier of a Promela text, without SPIN's partial-order reduction. */
export function askSpin(text: string, options: SpinOptions = {}): SpinVerdict {
  const folder = mkdtempSync(join(tmpdir(), 'spin-'));
  const run = (command: string, args: readonly string[]): string => {
    const result = spawnSync(command, args, { cwd: folder, encoding: 'utf8', timeout: 120_000 });
    if (result.error !== undefined || result.status !== 0)
      throw new Error(
        `${command} failed: ${result.error?.message ?? ''} ${result.stdout} ${result.stderr}`.slice(0, 2000),
      );
    return result.stdout;
  };
  try {
    writeFileSync(join(folder, 'model.pml'), text);
    run('spin', [...(options.defines ?? []), '-a', 'model.pml']);
    run('gcc', [options.optimise ?? '-O0', '-w', '-DSAFETY', '-DNOREDUCE', '-DNOFAIR', '-o', 'pan', 'pan.c']);
    const out = run('./pan', ['-m1000000', '-w18', ...(options.all === true ? ['-c0', '-e'] : [])]);
    return {
      states: Number(/(\d+) states, stored/.exec(out)?.[1]),
      transitions: Number(/(\d+) transitions/.exec(out)?.[1]),
      errors: Number(/errors: (\d+)/.exec(out)?.[1]),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
