import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FIXTURE = join(ROOT, 'packages/trace/test/fixtures/xfs-dax-write-hole.report.txt.gz');
const ROUNDS = 3;

/** Reads, classifies and judges a recording; tells its CPU time without and with the start of the process. */
const CHECK = `
  const [{ checkTrace }, { ext4TraceVocabulary }, { xfsTraceVocabulary }] = await Promise.all([
    import('@faultpath/trace'), import('@faultpath/ext4'), import('@faultpath/xfs'),
  ]);
  const before = process.cpuUsage();
  const report = await checkTrace(process.argv[1], { vocabularies: [ext4TraceVocabulary, xfsTraceVocabulary], maxFaults: 100 });
  const spent = process.cpuUsage(before);
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.stdout.write(JSON.stringify({
    records: report.recording.records,
    cpu: (spent.user + spent.system) / 1e6,
    cpuWithStart: (userCPUTime + systemCPUTime) / 1e6,
    peakMegabytes: Math.round(maxRSS / 1024),
  }));
`;

/**
 * Events per CPU second of reading, classifying and judging text, against `trace-cmd report` of the same recording.
 * `TRACE_BENCH_DAT` names a trace.dat; without it, or without trace-cmd, a generated text is read and nothing compared.
 * Memory is measured on the text and on ten times the text; flat means about 1.
 */
export async function run({ json = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'faultpath-trace-'));
  try {
    const dat = process.env['TRACE_BENCH_DAT'];
    const text = join(folder, 'recording.txt');
    const compared = dat !== undefined && existsSync(dat) && report(dat, text);
    if (!compared) generate(text, 50e6);
    const long = join(folder, 'long.txt');
    repeat(text, long, 10);
    const own = best(() => check(text));
    const ten = check(long);
    const reference = compared ? best(() => traceCmd(dat)) : undefined;
    const result = {
      bench: 'trace-text',
      megabytes: Math.round(statSync(text).size / 1e6),
      records: own.records,
      perCpuSecond: Math.round(own.records / own.cpu),
      perCpuSecondWithStart: Math.round(own.records / own.cpuWithStart),
      traceCmd: reference === undefined ? 'notrun' : Math.round(own.records / reference.cpu),
      ratio: reference === undefined ? undefined : reference.cpu / own.cpu,
      ratioWithStart: reference === undefined ? undefined : reference.cpu / own.cpuWithStart,
      peakMegabytes: own.peakMegabytes,
      peakMegabytesOfTenTimes: ten.peakMegabytes,
      costPerEventOfTenTimes: ten.cpu / ten.records / (own.cpu / own.records),
    };
    if (!json) print(result);
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function print(result) {
  const lines = [
    `${result.records} events in ${result.megabytes} MB of text: ${result.perCpuSecond} events per CPU second`,
    `with process start: ${result.perCpuSecondWithStart}`,
    result.ratio === undefined
      ? 'trace-cmd report: not run (give TRACE_BENCH_DAT, and install trace-cmd)'
      : `trace-cmd report: ${result.traceCmd}; ${result.ratio.toFixed(2)} times as fast, with process start ${result.ratioWithStart.toFixed(2)}`,
    `memory: ${result.peakMegabytes} MB, on ten times the text ${result.peakMegabytesOfTenTimes} MB; cost per event there: ${result.costPerEventOfTenTimes.toFixed(2)}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function check(path) {
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', CHECK, path], { cwd: ROOT, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`checking failed: ${done.stderr}`);
  return JSON.parse(done.stdout);
}

/** The shell tells the CPU time of its children. */
function traceCmd(dat) {
  const done = spawnSync('sh', ['-c', 'trace-cmd report "$0" > /dev/null 2>&1; times', dat], { encoding: 'utf8' });
  const children = done.stdout.trim().split('\n')[1] ?? '';
  const cpu = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + Number(m) * 60 + Number(s), 0);
  return { cpu };
}

function report(dat, text) {
  const output = openSync(text, 'w');
  const done = spawnSync('sh', ['-c', 'trace-cmd report "$0"', dat], { stdio: ['ignore', output, 'ignore'] });
  return done.error === undefined && done.status === 0;
}

function best(measure) {
  const all = Array.from({ length: ROUNDS }, measure);
  return all.reduce((least, each) => (each.cpu < least.cpu ? each : least));
}

function generate(path, bytes) {
  const once = gunzipSync(readFileSync(FIXTURE));
  const file = openSync(path, 'w');
  for (let written = 0; written < bytes; written += once.length) writeSync(file, once);
}

function repeat(from, to, times) {
  const text = readFileSync(from);
  const file = openSync(to, 'w');
  for (let time = 0; time < times; time++) writeSync(file, text);
}
