// @ts-check
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '../../files.mjs';

/**
 * Runs a command in a folder; CPU and wall seconds of it and all it starts.
 *
 * @param {string} command
 * @param {string} cwd
 */
export function timed(command, cwd) {
  const script = `TIMEFORMAT='%R %U %S'; time { ${command}; }`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script], { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 });
  const [wall = 0, user = 0, kernel = 0] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  if (status !== 0) throw new Error(`${command.slice(0, 80)} failed: ${stderr.slice(0, 400)}`);
  return { out: stdout, wall, cpu: user + kernel };
}

/** Are SPIN and a C compiler here? */
export function spinWorks() {
  return spawnSync('bash', ['-c', 'spin -V && gcc --version'], { stdio: 'ignore' }).status === 0;
}

/**
 * Text of one of the peers' models.
 *
 * @param {string} model
 */
export function peersModel(model) {
  return readFileSync(join(REPOSITORY, `packages/engine/test/fixtures/promela/${model}.pml`), 'utf8');
}

/**
 * Builds and runs SPIN's verifier for a model.
 *
 * @param {string} text
 * @param {string} defines
 * @param {{ flags?: string, run?: string }} options
 */
export function spin(text, defines, { flags = '', run = '-m1000000 -w20' } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'spin-'));
  try {
    writeFileSync(join(folder, 'model.pml'), text);
    const build = timed(
      `spin -a ${defines} model.pml >/dev/null && gcc -O2 -w -DSAFETY -DMEMLIM=16000 ${flags} -o pan pan.c`,
      folder,
    );
    const { out, cpu, wall } = timed(`./pan ${run}`, folder);
    return {
      states: Number(/(\d+) states, stored/.exec(out)?.[1]),
      errors: Number(/errors: (\d+)/.exec(out)?.[1]),
      megabytes: Number(/([\d.]+)\s+total actual memory/.exec(out)?.[1]),
      cpu,
      totalCpu: cpu + build.cpu,
      totalWall: wall + build.wall,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
