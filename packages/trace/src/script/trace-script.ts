import type { RecordRule, TraceVocabulary } from '@faultpath/lockdep';
import { TraceError } from '../error.ts';
import { coreTraceVocabulary } from '../vocabulary/core.ts';
import { bpftraceProgram } from './bpftrace-program.ts';
import { scriptHead, scriptSetup, scriptTurnOn } from './script-parts.ts';

export interface TraceScriptOptions {
  /** The filesystems' vocabularies, from which `fs` chooses. */
  readonly vocabularies: readonly TraceVocabulary[];
  /** Filesystems to record; all of the vocabularies when absent. */
  readonly fs?: readonly string[];
  /** Release the script is meant for; it says so when it runs on another. */
  readonly kernel?: string;
  /** What does the recording: tracefs alone (the default), trace-cmd, or bpftrace. */
  readonly for?: 'trace-cmd' | 'tracefs' | 'bpftrace';
}

/**
 * A POSIX shell script that records what `checkTrace` reads, on a machine that has no faultpath.
 * @throws TraceError `TRACE_BAD_OPTION` for an unknown filesystem or recorder
 */
export function traceScript(options: TraceScriptOptions): string {
  const known = options.vocabularies.flatMap((vocabulary) => vocabulary.fs ?? []);
  const wanted = options.fs ?? known;
  for (const fs of wanted) {
    if (!known.includes(fs)) {
      throw new TraceError('TRACE_BAD_OPTION', `no vocabulary for '${fs}'; there are: ${known.join(', ') || 'none'}`);
    }
  }
  const chosen = options.vocabularies.filter(
    (vocabulary) => vocabulary.fs === undefined || wanted.includes(vocabulary.fs),
  );
  const rules = [coreTraceVocabulary, ...chosen].flatMap((vocabulary) => vocabulary.record ?? []);
  const recorder = options.for ?? 'tracefs';
  const purpose = `Records page faults of ${wanted.join(', ') || 'no filesystem in particular'} with ${recorder}, for 'faultpath trace check'.`;
  const check = kernelCheck(options.kernel);
  switch (recorder) {
    case 'tracefs':
      return `${head(purpose, 'faultpath-trace.txt')}${check}${scriptSetup()}${scriptTurnOn(rules)}${TRACEFS_RUN}`;
    case 'trace-cmd':
      return `${head(purpose, 'faultpath-trace.dat')}${NEEDS_TRACE_CMD}${check}${scriptSetup()}${scriptTurnOn(rules)}${traceCmdRun(rules)}`;
    case 'bpftrace':
      return `${bpftraceHead(purpose)}${check}${bpftraceProgram(wanted)}`;
    default:
      throw new TraceError(
        'TRACE_BAD_OPTION',
        `no recorder '${String(recorder)}'; there are: trace-cmd, tracefs, bpftrace`,
      );
  }
}

const head = (purpose: string, output: string): string => scriptHead(purpose, output, '[-a] [-s] [-b KB] [-o FILE]');

function kernelCheck(kernel: string | undefined): string {
  if (kernel === undefined) return '';
  const release = /^v?(\d+\.\d+)/.exec(kernel)?.[1];
  if (release === undefined) throw new TraceError('TRACE_BAD_OPTION', `'${kernel}' is no kernel release such as 6.1`);
  return `case $(uname -r) in ${release} | ${release}.* | ${release}-*) ;; *) say "made for ${release}, this is $(uname -r)" ;; esac\n`;
}

const STACKS = `
if [ "$stacks" = 1 ]; then
  echo stacktrace > "$instance/events/kmem/mm_page_alloc/trigger" || say 'no backtraces of page allocations'
fi
`;

const RUN_COMMAND = `
# The shell that becomes the command writes its own number, so that nothing before it is recorded.
status=0
run() {
  if [ "$all" = 0 ]; then
    echo 1 > "$instance/options/event-fork"
    FAULTPATH_PID_FILE=$instance/set_event_pid sh -c 'echo $$ > "$FAULTPATH_PID_FILE"; unset FAULTPATH_PID_FILE; exec "$@"' sh "$@"
  else
    "$@"
  fi
}
`;

const TRACEFS_RUN = `${STACKS}${RUN_COMMAND}
if [ $# -gt 0 ]; then
  if [ "$all" = 0 ]; then echo $$ > "$instance/set_event_pid"; fi
  echo 1 > "$instance/tracing_on"
  run "$@" || status=$?
else
  echo 1 > "$instance/tracing_on"
  say 'recording; Ctrl-C ends it'
  while [ "$stop" = 0 ]; do sleep 1; done
fi
echo 0 > "$instance/tracing_on"
{ echo "# kernel $(uname -r)" && cat "$instance/trace"; } > "$out" || die "could not write $out"
[ "$status" = 0 ] || say "the command ended with status $status"
say "wrote $out; now: faultpath trace check $out"
exit "$status"
`;

const NEEDS_TRACE_CMD = `command -v trace-cmd > /dev/null || die 'trace-cmd is not installed'\n`;

/** trace-cmd keeps its own instance; the probes are ours, and their group is known to it. */
function traceCmdRun(rules: readonly RecordRule[]): string {
  const events = rules.flatMap((rule) => rule.events).map((event) => event.replace(/\/\*$/, '').replace('/', ':'));
  return `
# trace-cmd turns the events on again in an instance of its own; those that this kernel lacks are left out.
events=
for each in ${events.join(' ')}; do
  path=$(printf '%s' "$each" | tr : /)
  [ -e "$instance/events/$path/enable" ] && events="$events -e $each"
done
[ -n "$added" ] && events="$events -e $group"
# trace-cmd ends by itself on Ctrl-C; this shell then still has to clean up, whatever stop says.
: "$stop"
echo 0 > "$instance/events/enable"
trace='' follow=''
[ "$stacks" = 1 ] && trace='-T'
if [ $# -gt 0 ] && [ "$all" = 0 ]; then follow='-F -c'; fi
status=0
# shellcheck disable=SC2086 # lists of words
if [ $# -gt 0 ]; then
  trace-cmd record -o "$out" -b "$size" -B "$group" $events $trace $follow "$@" || status=$?
else
  say 'recording; Ctrl-C ends it'
  trace-cmd record -o "$out" -b "$size" -B "$group" $events $trace || status=$?
fi
trace-cmd reset -B "$group" -d > /dev/null 2>&1
[ -e "$out" ] || die 'trace-cmd wrote nothing'
[ "$status" = 0 ] || say "trace-cmd ended with status $status: what it wrote may be no recording"
say "wrote $out; now: faultpath trace check $out"
exit "$status"
`;
}

function bpftraceHead(purpose: string): string {
  return `#!/bin/sh
# ${purpose}
# It needs root and bpftrace. bpftrace takes all its probes away itself when it ends.
#
# usage: sh SCRIPT [-a] [-o FILE] [COMMAND [ARGUMENT]...]
#   -a       all tasks; without it a COMMAND is recorded with its children only
#   -o FILE  where to write; it must not exist
# Without a COMMAND it records until Ctrl-C.
# shellcheck disable=SC2016 # what is quoted is for bpftrace, not for the shell
set -u
all=0 out=faultpath-trace.txt
while getopts ao: option; do
  case $option in
    a) all=1 ;;
    o) out=$OPTARG ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))

say() { printf 'faultpath: %s\\n' "$*" >&2; }
die() { say "$*"; exit 2; }

[ "$(id -u)" = 0 ] || die 'only root may trace the kernel: run it with sudo'
command -v bpftrace > /dev/null || die 'bpftrace is not installed'
[ ! -e "$out" ] || die "$out exists already; choose another file with -o"
`;
}
