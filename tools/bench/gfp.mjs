import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROUNDS = 3;

/** Reads standard input to the end as `faultpath gfp -` does, and tells on standard error what memory it took. */
const FILTER = `
  import { readSync } from 'node:fs';
  import { GfpAnnotator } from '@faultpath/mm/gfp';
  const annotator = new GfpAnnotator(process.argv[1] ? { kernel: process.argv[1] } : {});
  const write = async (part) => {
    if (!process.stdout.write(part)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  };
  for (let length = readSync(0, annotator.room()); length > 0; length = readSync(0, annotator.room())) {
    for (const part of annotator.take(length)) await write(part);
  }
  await write(annotator.end());
  process.stderr.write(String(process.resourceUsage().maxRSS));
`;

/**
 * The stream filter against `grep -c gfp` on the same generated log, start-up included, output thrown away. The figure
 * to look at is the ratio: at most 4 is promised. Size in megabytes from `GFP_BENCH_MB`, 1000 if absent: in a small one the time to start node is all that shows.
 */
export async function run({ json = false, megabytes = Number(process.env['GFP_BENCH_MB'] ?? 1000) } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'faultpath-gfp-'));
  try {
    const rows = [];
    for (const kind of Object.keys(LINES)) {
      const path = join(folder, `${kind}.log`);
      generate(path, kind, megabytes);
      const grep = fastest(path, 'grep', ['-c', 'gfp']);
      for (const kernel of ['', '6.1']) {
        const filter = fastest(path, process.execPath, ['--input-type=module', '-e', FILTER, kernel]);
        const ratio = filter.seconds / grep.seconds;
        const peakMegabytes = Math.round(Number(filter.said) / 1024);
        rows.push({
          log: kind,
          kernel: kernel || 'unknown',
          megabytes,
          grepLines: Number(grep.printed),
          ratio,
          peakMegabytes,
        });
      }
      rmSync(path);
    }
    if (!json) for (const row of rows) process.stdout.write(`${line(row)}\n`);
    return { bench: 'gfp', rows };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function line({ log, kernel, megabytes, ratio, peakMegabytes }) {
  return `${log}, release ${kernel}: ${megabytes} MB in ${ratio.toFixed(2)} times grep's time, ${peakMegabytes} MB of memory`;
}

function fastest(path, command, args) {
  let best;
  for (let round = 0; round < ROUNDS; round++) {
    const input = openSync(path, 'r');
    const output = openSync(devNull, 'w');
    const start = process.hrtime.bigint();
    const toNowhere = command !== 'grep';
    const done = spawnSync(command, args, {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: [input, toNowhere ? output : 'pipe', 'pipe'],
    });
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    closeSync(input);
    closeSync(output);
    // grep ends with 1 when nothing matches.
    if (done.error !== undefined || (done.status ?? 2) > (toNowhere ? 0 : 1)) {
      throw new Error(`${command} failed: ${done.error?.message ?? done.stderr}`);
    }
    const said = String(done.stderr);
    if (best === undefined || seconds < best.seconds) best = { seconds, said, printed: String(done.stdout ?? '') };
  }
  return best;
}

const MASKS = [
  'GFP_KERNEL',
  'GFP_KERNEL|__GFP_ZERO',
  'GFP_NOFS|__GFP_ZERO',
  'GFP_HIGHUSER_MOVABLE|__GFP_ZERO',
  'GFP_KERNEL_ACCOUNT|__GFP_ZERO',
  'GFP_ATOMIC|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC',
];

/** From one end to the other: every line of a trace has a mask, one of 20 or one of 500 lines of a log, and none at all. */
const LINES = {
  trace: (n) =>
    `            bash-1234    [00${n % 8}] ..... ${(n * 0.000123).toFixed(6)}: kmalloc: call_site=vfs_read+0x${(n % 4096).toString(16)}/0x1f0 ` +
    `ptr=00000000${((n * 2654435761) >>> 0).toString(16).padStart(8, '0')} bytes_req=${n % 4096} bytes_alloc=4096 ` +
    `gfp_flags=${MASKS[n % MASKS.length]} node=-1 accounted=false\n`,
  dense: (n) => LINES.log(n % 20 === 0 ? 0 : n - (n % 500 === 0 ? 1 : 0)),
  log: (n) =>
    n % 500 === 0
      ? `[${(n * 0.00123).toFixed(6)}] app invoked oom-killer: gfp_mask=0x100cca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0\n`
      : `[${(n * 0.00123).toFixed(6)}] usb ${n % 9}-1: new high-speed USB device number ${n % 100} using xhci_hcd, gadget mode changed\n`,
  plain: (n) => `[${(n * 0.00123).toFixed(6)}] usb ${n % 9}-1: new hub found, 4 ports detected\n`,
};

function generate(path, kind, megabytes) {
  const file = openSync(path, 'w');
  for (let bytes = 0, n = 0; bytes < megabytes * 1e6; ) {
    let text = '';
    for (let i = 0; i < 5000; i++) text += LINES[kind](n++);
    writeSync(file, text);
    bytes += text.length;
  }
  closeSync(file);
}
