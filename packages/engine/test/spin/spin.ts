import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleModels } from './bundle.ts';

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
  /** About how many states there are, so that the hash table fits. */
  readonly expected?: number;
  /** Steps of the longest run without a repetition; a verifier that needs more fails. */
  readonly depth?: number;
}

const PATIENCE = 1_800_000;

/** Generates, builds and runs the verifier of a Promela text, without SPIN's partial-order reduction. */
export function askSpin(text: string, options: SpinOptions = {}): SpinVerdict {
  return withVerifier(text, options, (run) => run({}));
}

/**
 * The same for many of our own exports with one verifier, as building one takes far longer than running it on a small
 * model. What the common start adds is taken off again.
 */
export function askSpinAboutEach(texts: readonly string[], options: SpinOptions = {}): readonly SpinVerdict[] {
  const bundle = bundleModels(texts);
  return withVerifier(bundle.text, options, (run) =>
    texts.map((_, index) => {
      const { states, transitions, errors } = run({ [bundle.variable]: `${index}` });
      return { states: states - bundle.extraStates, transitions: transitions - bundle.extraTransitions, errors };
    }),
  );
}

function withVerifier<T>(
  text: string,
  options: SpinOptions,
  use: (run: (env: Readonly<Record<string, string>>) => SpinVerdict) => T,
): T {
  const folder = mkdtempSync(join(tmpdir(), 'spin-'));
  const call = (command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string => {
    const result = spawnSync(command, args, {
      cwd: folder,
      encoding: 'utf8',
      timeout: PATIENCE,
      maxBuffer: 2 ** 26,
      env: { ...process.env, ...env },
    });
    if (result.error !== undefined || result.status !== 0)
      throw new Error(
        `${command} failed: ${result.error?.message ?? ''} ${result.stdout} ${result.stderr}`.slice(0, 2000),
      );
    return result.stdout;
  };
  const { all = false, expected = 0, depth = 1_000_000 } = options;
  try {
    writeFileSync(join(folder, 'model.pml'), text);
    call('spin', [...(options.defines ?? []), '-a', 'model.pml']);
    call('gcc', [options.optimise ?? '-O0', '-w', '-DSAFETY', '-DNOREDUCE', '-DNOFAIR', '-o', 'pan', 'pan.c']);
    const bits = Math.max(14, Math.ceil(Math.log2(expected + 1)));
    return use((env) => {
      const out = call('./pan', [`-m${depth}`, `-w${bits}`, ...(all ? ['-c0'] : [])], env);
      // A search that was cut off says so, ends with success, and would compare as if it were whole.
      const cut = /max search depth too small|out of memory|reached -DMEMLIM/.exec(out);
      if (cut !== null) throw new Error(`pan did not search everything: ${cut[0]}`);
      return {
        states: Number(/(\d+) states, stored/.exec(out)?.[1]),
        transitions: Number(/(\d+) transitions/.exec(out)?.[1]),
        errors: Number(/errors: (\d+)/.exec(out)?.[1]),
      };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
