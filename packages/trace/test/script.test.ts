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

  const run = (
    args: readonly string[],
    recorder: (typeof recorders)[number] = 'tracefs',
  ): { status: number | null; stderr: string } => {
    const script = join(root, 'record.sh');
    writeFileSync(script, traceScript({ vocabularies, for: recorder }));
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

  /** Keeps its arguments, one call a line; `record` writes the file that -o names, and runs what follows `-c`. */
  const pretendTraceCmd = (record: string): void => {
    put(
      join(path, 'trace-cmd'),
      `#!/bin/sh\nprintf '%s|' "$@" >> '${root}/calls'\necho >> '${root}/calls'\n[ "$1" = record ] || exit 0\nout=$3\n${record}\n`,
      0o755,
    );
  };
  const calls = (): string[] => readFileSync(join(root, 'calls'), 'utf8').trim().split('\n');

  test('trace-cmd is given the events that there are, a buffer of its own and the command; its probes go', () => {
    pretendTraceCmd('echo data > "$out"\nwhile [ "$1" != -c ]; do shift; done\nshift\n"$@"');
    const { status, stderr } = run(['-o', 'out.dat', 'sh', '-c', 'exit 4', 'an argument'], 'trace-cmd');
    expect({ status, stderr }).toMatchObject({ status: 4 });
    const [record = '', reset = ''] = calls();
    expect(record).toMatch(/^record\|-o\|out\.dat\|-b\|16384\|-B\|faultpath_\d+\|/);
    expect(record).toMatch(/\|-e\|kmem:mm_page_alloc\|.*\|-e\|fs_dax\|/);
    expect(record).toMatch(/\|-e\|faultpath_\d+\|-F\|-c\|sh\|-c\|exit 4\|an argument\|$/);
    expect(record).not.toContain('lock_acquire');
    expect(reset).toMatch(/^reset\|-B\|faultpath_\d+\|-d\|$/);
    expect(stderr).toContain('ended with status 4');
    expectRestored();
  });

  test('trace-cmd that fails in the middle and writes nothing leaves nothing behind', () => {
    pretendTraceCmd('exit 1');
    const { status, stderr } = run(['-o', 'out.dat', 'true'], 'trace-cmd');
    expect({ status, stderr }).toMatchObject({ status: 2 });
    expect(stderr).toContain('wrote nothing');
    expect(existsSync(join(root, 'out.dat'))).toBe(false);
    expectRestored();
  });

  test('Ctrl-C ends trace-cmd, and the probes go', async () => {
    pretendTraceCmd('echo data > "$out"\ntrap "exit 0" INT\nwhile :; do sleep 0.1; done');
    const script = join(root, 'record.sh');
    writeFileSync(script, traceScript({ vocabularies, for: 'trace-cmd' }));
    const child = spawn('sh', [script], { env: env(), cwd: root, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    child.stderr.resume();
    const started = setInterval(() => {
      // A terminal's Ctrl-C goes to the shell and to what it runs.
      if (existsSync(join(root, 'faultpath-trace.dat'))) process.kill(-(child.pid as number), 'SIGINT');
    }, 50);
    const status = await new Promise<number | null>((resolve) => child.on('exit', resolve));
    clearInterval(started);
    expect(status).toBe(0);
    expect(calls().map((call) => call.split('|')[0])).toEqual(['record', 'reset']);
    expectRestored();
  });

  test('a kernel on which a probe cannot be added is recorded without it', () => {
    rmSync(join(tracefs, 'kprobe_events'));
    const { status, stderr } = run(['-o', 'out.txt', 'true']);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stderr).toContain('no kprobes');
    expect(readdirSync(join(tracefs, 'instances'))).toEqual([]);
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

/** bpftrace, played by a small program: it lists probes, keeps the program it is given, and records until it is told to end. */
describe.runIf(hasShell && process.platform === 'linux')('with a pretended bpftrace', () => {
  let root = '';

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'faultpath-bpftrace-'));
    mkdirSync(join(root, 'bin'));
    writeFileSync(join(root, 'bin/id'), '#!/bin/sh\necho 0\n', { mode: 0o755 });
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const pretend = (body: string): void => {
    const text = `#!${process.execPath}
const { writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
if (args[0] === '-l') {
  if (!args[1].includes('mutex_trylock') && !args[1].startsWith('kretprobe')) console.log(args[1]);
  process.exit(0);
}
writeFileSync(${JSON.stringify(join(root, 'args'))}, args.slice(0, -1).join(' '));
writeFileSync(${JSON.stringify(join(root, 'program'))}, args.at(-1));
${body}
`;
    writeFileSync(join(root, 'bin/bpftrace'), text, { mode: 0o755 });
  };
  const RECORDS = `console.log('# kernel 6.1.0');
process.on('SIGINT', () => { console.log('the end'); process.exit(0); });
setInterval(() => undefined, 1000);`;

  const run = (args: readonly string[]): { status: number | null; stderr: string } => {
    const script = join(root, 'record.sh');
    writeFileSync(script, traceScript({ vocabularies, for: 'bpftrace' }));
    const env = { ...process.env, PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}` };
    const { status, stderr } = spawnSync('sh', [script, ...args], { env, cwd: root, encoding: 'utf8' });
    return { status, stderr };
  };
  const kept = (name: string): string => readFileSync(join(root, name), 'utf8');

  test('a command is run when the probes are there, with its arguments as they are; then bpftrace is ended', () => {
    pretend(RECORDS);
    const { status, stderr } = run(['-o', 'out.txt', 'sh', '-c', 'echo "$1" > said; exit 3', 'sh', 'two words']);
    expect({ status, stderr }).toMatchObject({ status: 3 });
    expect(kept('said')).toBe('two words\n');
    expect(kept('out.txt')).toBe('# kernel 6.1.0\nthe end\n');
    expect(kept('args')).toBe('-q -B line -e');
    expect(kept('program')).toContain('kprobe:down_read /@follow[tid]/ {');
    expect(kept('program')).not.toContain('mutex_trylock');
    expect(stderr).toContain('skipped: this kernel has no kprobe:mutex_trylock');
  });

  test('with -a all tasks are recorded but bpftrace itself', () => {
    pretend(RECORDS);
    expect(run(['-a', '-o', 'out.txt', 'true']).status).toBe(0);
    expect(kept('program')).not.toContain('@follow');
    expect(kept('program')).toContain('kprobe:down_read /comm != "bpftrace"/ {');
  });

  test('bpftrace that ends by itself fails the recording before the command is run, and leaves no file', () => {
    pretend("console.error('no BTF'); process.exit(1);");
    const { status, stderr } = run(['-o', 'out.txt', 'touch', 'ran']);
    expect({ status, stderr }).toMatchObject({ status: 2 });
    expect(readdirSync(root)).not.toContain('ran');
    expect(readdirSync(root)).not.toContain('out.txt');
  });
});

const bpftrace = 'bpftrace';

/** The program itself, by bpftrace's own parser; nothing is attached. */
describe.runIf(spawnSync(bpftrace, ['--version']).status === 0)('the program, parsed by bpftrace', () => {
  test.each(['xfs', 'ext4'])('%s', (fs) => {
    const script = traceScript({ vocabularies, fs: [fs], for: 'bpftrace' });
    const probes = [...script.matchAll(/^add (\S+) '(.*)'$/gm)].map(([, at, action]) => `${at} { ${action} }`);
    expect(probes.length).toBeGreaterThan(20);
    const kernel = probes.filter((probe) => !probe.startsWith('tracepoint'));
    const { stderr } = spawnSync(bpftrace, ['-d', '-e', kernel.join('\n')], { encoding: 'utf8' });
    expect(stderr).not.toMatch(/syntax error|Unknown (function|identifier|builtin)/);
  });
});
