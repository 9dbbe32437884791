import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FIXTURE = join(ROOT, 'packages/trace/test/fixtures/dat/many-faults-start.v7zstd.dat');
/** So many readings in one process: the first ones pay for compiling, the best is what an event costs. */
const ROUNDS = 40;
const CLI = join(ROOT, 'packages/cli/bin/faultpath.js');
/** So many new processes. */
const STARTS = 5;
/** As long as a user's recording of some minutes; memory and the cost of an event must not grow to ten times it. */
const TEXT_BYTES = 50e6;

/** In a process of its own: reads, classifies and judges a recording some times, and tells what that took. */
const CHECK = `
  const [{ checkTrace }, { ext4TraceVocabulary }, { xfsTraceVocabulary }] = await Promise.all([
    import('@faultpath/trace'), import('@faultpath/ext4'), import('@faultpath/xfs'),
  ]);
  const [, path, rounds] = process.argv;
  const vocabularies = [ext4TraceVocabulary, xfsTraceVocabulary];
  const seconds = [];
  let records = 0;
  for (let round = 0; round < Number(rounds); round++) {
    const before = process.cpuUsage();
    records = (await checkTrace(path, { vocabularies, maxFaults: 100 })).recording.records;
    const { user, system } = process.cpuUsage(before);
    seconds.push((user + system) / 1e6);
  }
  process.stdout.write(JSON.stringify({
    records,
    best: Math.min(...seconds),
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  }));
`;

/**
 * Events per CPU second of reading, classifying and judging a recording, as trace.dat and as text, against
 * `trace-cmd report` of the same trace.dat in the same run: without the start of the process (the best of several readings
 * in one) and with it (`faultpath trace check` in a new process, the best of several as with its peer). Then memory and
 * cost of an event for text of 50 MB and of ten times that. `TRACE_BENCH_DAT` names the trace.dat; the fixture that stands
 * in for it only shows that the bench works, because starting outweighs its 6000 events.
 */
export async function run({ json = false, file = process.env['TRACE_BENCH_DAT'] } = {}) {
  const dat = file ?? FIXTURE;
  if (!existsSync(dat)) throw new Error(`there is no recording ${dat}: TRACE_BENCH_DAT names a trace.dat`);
  const folder = mkdtempSync(join(tmpdir(), 'faultpath-trace-'));
  try {
    const text = join(folder, 'recording.txt');
    const reported = report(dat, text);
    const peer = reported ? childSeconds('trace-cmd report "$1"', [dat]) : undefined;
    const rows = [compare('trace.dat', dat, peer)];
    const growth = [];
    if (reported) {
      rows.push(compare('text', text, peer));
      for (const times of [1, 10]) growth.push(grown(text, join(folder, 'long.txt'), times));
    }
    const result = { bench: 'trace', fixture: file === undefined, traceCmdSeconds: peer, rows, growth };
    if (!json) process.stdout.write(`${lines(result).join('\n')}\n`);
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compare(form, path, peer) {
  const warm = check(path, ROUNDS);
  const withStart = childSeconds('"$1" "$2" trace check "$3" --faults 100', [process.execPath, CLI, path]);
  return {
    form,
    megabytes: Math.round(statSync(path).size / 1e5) / 10,
    events: warm.records,
    eventsPerCpuSecond: Math.round(warm.records / warm.best),
    eventsPerCpuSecondWithStart: Math.round(warm.records / withStart),
    ratio: peer === undefined ? undefined : peer / warm.best,
    ratioWithStart: peer === undefined ? undefined : peer / withStart,
  };
}

/** One reading of text as long as asked for, in a new process. */
function grown(text, path, times) {
  repeat(text, path, TEXT_BYTES * times);
  const { records, best, peakMegabytes } = check(path, 1);
  rmSync(path);
  return {
    megabytes: Math.round((TEXT_BYTES * times) / 1e6),
    events: records,
    peakMegabytes,
    microsecondsPerEvent: (best / records) * 1e6,
  };
}

function lines({ fixture, traceCmdSeconds, rows, growth }) {
  return [
    ...(fixture ? ['a small recording; TRACE_BENCH_DAT names a real one'] : []),
    ...(traceCmdSeconds === undefined ? ['trace-cmd is not installed: no text, and nothing to compare with'] : []),
    ...rows.map(rowLine),
    ...growth.map(
      ({ megabytes, events, peakMegabytes, microsecondsPerEvent }) =>
        `${megabytes} MB of text: ${events} events, ${peakMegabytes} MB of memory at most, ${microsecondsPerEvent.toFixed(2)} us of CPU an event`,
    ),
  ];
}

function rowLine({ form, megabytes, events, eventsPerCpuSecond, eventsPerCpuSecondWithStart, ratio, ratioWithStart }) {
  const speed = `${form}: ${events} events in ${megabytes} MB, ${eventsPerCpuSecond} a CPU second, with process start ${eventsPerCpuSecondWithStart}`;
  if (ratio === undefined) return speed;
  return `${speed}; ${ratio.toFixed(2)} times trace-cmd report, with process start ${ratioWithStart.toFixed(2)}`;
}

function check(path, rounds) {
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', CHECK, path, String(rounds)], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`checking failed (in a clone run npm run build first): ${done.stderr}`);
  return JSON.parse(done.stdout);
}

function report(dat, text) {
  const output = openSync(text, 'w');
  try {
    const done = spawnSync('trace-cmd', ['report', dat], { stdio: ['ignore', output, 'ignore'] });
    return done.error === undefined && done.status === 0;
  } finally {
    closeSync(output);
  }
}

/** CPU time of a command, the best of some; the shell tells that of its children. */
function childSeconds(command, words) {
  const seconds = Array.from({ length: STARTS }, () => {
    const script = `${command} >/dev/null 2>&1; status=$?; times; exit $status`;
    const done = spawnSync('sh', ['-c', script, 'sh', ...words], { encoding: 'utf8' });
    // Findings are status 1; what is over at once because it failed must not look fast.
    if (done.status !== 0 && done.status !== 1) throw new Error(`${command} ended with status ${done.status}`);
    const children = done.stdout.trim().split('\n')[1] ?? '';
    return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + Number(m) * 60 + Number(s), 0);
  });
  return Math.min(...seconds);
}

/** The text again and again, up to a size; it ends with a whole line. */
function repeat(from, to, bytes) {
  const text = readFileSync(from);
  const file = openSync(to, 'w');
  let written = 0;
  while (written + text.length <= bytes) written += writeSync(file, text);
  const rest = text.lastIndexOf(10, bytes - written);
  if (rest > 0) writeSync(file, text.subarray(0, rest + 1));
  closeSync(file);
}
