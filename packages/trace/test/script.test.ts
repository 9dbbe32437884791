import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { coreTraceVocabulary, TraceError, traceScript } from '../src/index.ts';
import { vocabularies } from './recordings.ts';

const recorders = ['tracefs', 'trace-cmd', 'bpftrace'] as const;
const hasShell = spawnSync('sh', ['-c', 'exit 0']).status === 0;

describe('what is printed', () => {
  test.each(recorders)('%s: a shell can parse it', (recorder) => {
    const script = traceScript({ vocabularies, for: recorder });
    expect(script.startsWith('#!/bin/sh\n')).toBe(true);
    if (hasShell) expect(spawnSync('sh', ['-n'], { input: script }).stderr.toString()).toBe('');
  });

  test('only the filesystems asked for', () => {
    expect(traceScript({ vocabularies, fs: ['xfs'] })).not.toContain('jbd2_handle_start');
    expect(traceScript({ vocabularies, fs: ['ext4'] })).toContain('jbd2/jbd2_handle_start');
  });

  test.each([
    ['an unknown filesystem', { fs: ['minix'] }],
    ['an unknown recorder', { for: 'strace' as 'tracefs' }],
    ['a kernel that is none', { kernel: '$(reboot)' }],
  ])('%s is refused', (_what, options) => {
    expect(() => traceScript({ vocabularies, ...options })).toThrow(TraceError);
  });

  test('nothing is changed outside the instance and the group of probes', () => {
    const script = traceScript({ vocabularies });
    const writes = script.match(/>>? "?\$[^\s)]+/g) ?? [];
    expect(writes.length).toBeGreaterThan(5);
    for (const write of writes) {
      expect(write).toMatch(/\$instance\/|\$tracefs\/kprobe_events|\$out|\$FAULTPATH_PID_FILE/);
    }
  });
});

/** A directory that looks like tracefs. `mkdir` and `rmdir` of an instance are played by two small commands. */
describe.runIf(hasShell && process.platform === 'linux')('on a pretended tracefs', () => {
  let root = '';
  let tracefs = '';
  let path = '';

  const put = (file: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'faultpath-script-'));
    tracefs = join(root, 'tracefs');
    const template = join(root, 'template');
    for (const file of ['tracing_on', 'buffer_size_kb', 'set_event_pid', 'options/event-fork', 'events/enable']) {
      put(join(template, file), '0\n');
    }
    for (const event of [...(coreTraceVocabulary.record?.events ?? []), 'xfs/xfs_ilock', 'jbd2/jbd2_handle_start']) {
      if (!event.startsWith('lock/')) put(join(template, 'events', event.replace('/*', ''), 'enable'), '0\n');
    }
    put(join(template, 'trace'), '# tracer: nop\n#\n');
    put(join(tracefs, 'kprobe_events'), 'p:mine/kept do_exit\n');
    put(join(tracefs, 'tracing_on'), '1\n');
    mkdirSync(join(tracefs, 'instances'), { recursive: true });
    path = join(root, 'bin');
    put(
      join(path, 'mkdir'),
      `#!/bin/sh\ncp -r '${template}' "$1"\nfor p in down_read up_read down_write; do\n/bin/mkdir -p "$1/events/faultpath_\${1##*.}/$p"\n: > "$1/events/faultpath_\${1##*.}/$p/enable"\ndone\n`,
      0o755,
    );
    put(join(path, 'rmdir'), '#!/bin/sh\n[ "$(cat "$1/tracing_on")" = 0 ] && rm -r "$1"\n', 0o755);
    cpSync(tracefs, join(root, 'before'), { recursive: true });
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const env = (): NodeJS.ProcessEnv => ({
    ...process.env,
    PATH: `${path}:${process.env['PATH'] ?? ''}`,
    FAULTPATH_TRACEFS: tracefs,
  });

  const run = (args: readonly string[]): { status: number | null; stderr: string } => {
    const script = join(root, 'record.sh');
    writeFileSync(script, traceScript({ vocabularies }));
    const { status, stderr } = spawnSync('sh', [script, ...args], { env: env(), cwd: root, encoding: 'utf8' });
    return { status, stderr };
  };

  /** Every probe that was added was also removed, and nothing of others was touched. */
  const expectRestored = (): void => {
    const lines = readFileSync(join(tracefs, 'kprobe_events'), 'utf8').trim().split('\n');
    expect(lines[0]).toBe('p:mine/kept do_exit');
    const added = lines.flatMap((each) => /^[pr]:(faultpath_\d+\/\w+) /.exec(each)?.[1] ?? []);
    const removed = lines.flatMap((each) => /^-:(faultpath_\d+\/\w+)$/.exec(each)?.[1] ?? []);
    expect(added.length).toBeGreaterThan(10);
    expect(removed.sort()).toEqual(added.sort());
    expect(readdirSync(join(tracefs, 'instances'))).toEqual([]);
    expect(readFileSync(join(tracefs, 'tracing_on'), 'utf8')).toBe('1\n');
  };

  test('a command is recorded, and all is undone', () => {
    const { status, stderr } = run(['-o', 'out.txt', 'true']);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(readFileSync(join(root, 'out.txt'), 'utf8')).toContain('# tracer: nop');
    expect(stderr).toContain('skipped: this kernel has no event lock/lock_acquire');
    expectRestored();
  });

  test('the status of a failing command is kept, and all is undone', () => {
    expect(run(['sh', '-c', 'exit 3']).status).toBe(3);
    expectRestored();
  });

  test('Ctrl-C ends the recording, and all is undone', async () => {
    const script = join(root, 'record.sh');
    writeFileSync(script, traceScript({ vocabularies }));
    const child = spawn('sh', [script], { env: env(), cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    const status = await new Promise<number | null>((resolve) => {
      child.stderr.on('data', (piece: Buffer) => {
        stderr += piece.toString();
        if (stderr.includes('Ctrl-C ends it')) child.kill('SIGINT');
      });
      child.on('exit', resolve);
    });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(existsSync(join(root, 'faultpath-trace.txt'))).toBe(true);
    expectRestored();
  });

  test.each([
    ['an output that exists', ['-o', 'record.sh', 'true']],
    ['a size that is none', ['-b', 'much', 'true']],
  ])('%s is refused before anything is touched', (_what, args) => {
    expect(run(args).status).toBe(2);
    expect(readFileSync(join(tracefs, 'kprobe_events'), 'utf8')).toBe('p:mine/kept do_exit\n');
    expect(readdirSync(join(tracefs, 'instances'))).toEqual([]);
  });
});
