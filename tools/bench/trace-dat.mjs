import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROUNDS = 8;
const FIXTURE = '../../packages/trace/test/fixtures/dat/many-faults-start.v7zstd.dat';

/**
 * In a process of its own: CPU time of each round of reading in one process. The first round pays for starting up and
 * compiling; the best of the later ones is what an event costs.
 */
const READER = `
  import { readTrace, readTraceDat } from '@faultpath/trace';
  import { xfsTraceVocabulary } from '@faultpath/xfs';
  const [, path, what, rounds] = process.argv;
  const seconds = [];
  let events = 0;
  for (let round = 0; round < Number(rounds); round++) {
    const before = process.cpuUsage();
    if (what === 'read') {
      const sink = { record() {}, lost() {}, unreadable() {} };
      events = (await readTraceDat(path, sink)).records;
    } else {
      events = (await readTrace(path, { vocabularies: [xfsTraceVocabulary] }, {})).counts.records;
    }
    const used = process.cpuUsage(before);
    seconds.push((used.user + used.system) / 1e6);
  }
  const all = process.cpuUsage();
  process.stdout.write(JSON.stringify({ events, best: Math.min(...seconds), total: (all.user + all.system) / 1e6 }));
`;

/**
 * Events per CPU second of reading a trace.dat, and of reading and classifying it, against `trace-cmd report` on the
 * same file in the same run. The figures to look at are the ratios: with process start left out, and with it. The file
 * comes from `TRACE_DAT_BENCH`; the small fixture that stands in for it only shows that the bench works, because
 * start-up outweighs its 6000 events.
 */
export async function run({ json = false, file = process.env['TRACE_DAT_BENCH'] } = {}) {
  const path = file ?? fileURLToPath(new URL(FIXTURE, import.meta.url));
  const peer = traceCmdSeconds(path);
  const rows = ['read', 'classify'].map((what) => {
    const warm = readInChild(path, what, ROUNDS);
    const cold = readInChild(path, what, 1);
    return {
      what,
      events: warm.events,
      eventsPerSecond: Math.round(warm.events / warm.best),
      ratio: peer === undefined ? undefined : peer / warm.best,
      ratioWithStart: peer === undefined ? undefined : peer / cold.total,
    };
  });
  const result = { bench: 'trace-dat', fixture: file === undefined, traceCmdSeconds: peer, rows };
  if (!json) for (const row of rows) process.stdout.write(`${line(row)}\n`);
  return result;
}

function line({ what, events, eventsPerSecond, ratio, ratioWithStart }) {
  const speed = `${what}: ${events} events, ${eventsPerSecond} a CPU second`;
  if (ratio === undefined) return `${speed}; trace-cmd is not installed, so there is nothing to compare with`;
  return `${speed}, ${ratio.toFixed(1)} times trace-cmd report; ${ratioWithStart.toFixed(1)} times with process start`;
}

function readInChild(path, what, rounds) {
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', READER, path, what, String(rounds)], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`reading failed: ${done.stderr}`);
  return JSON.parse(done.stdout);
}

/** The best of three; the shell's own `times` tells what its children used. */
function traceCmdSeconds(path) {
  let best;
  for (let round = 0; round < 3; round++) {
    const done = spawnSync('sh', ['-c', 'trace-cmd report "$1" >/dev/null 2>&1 && times', 'sh', path], {
      encoding: 'utf8',
    });
    if (done.status !== 0) return undefined;
    const children = done.stdout.trim().split('\n')[1] ?? '';
    const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
      (sum, [, m, s]) => sum + Number(m) * 60 + Number(s),
      0,
    );
    if (best === undefined || seconds < best) best = seconds;
  }
  return best;
}
