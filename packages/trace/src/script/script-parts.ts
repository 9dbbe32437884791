import type { ProbeRule, RecordRule } from '@faultpath/lockdep';

/** The head of every script: options, messages, checks, and the way back. */
export function scriptHead(purpose: string, output: string, options: string): string {
  return `#!/bin/sh
# ${purpose}
# It needs root, a shell and tracefs, and nothing else. All that it changes is undone when it ends, also on Ctrl-C:
# it works in a trace instance of its own, and adds probes in a group of its own.
#
# usage: sh SCRIPT ${options} [COMMAND [ARGUMENT]...]
#   -a       all tasks; without it a COMMAND is recorded with its children only
#   -b KB    size of the buffer of each CPU; when it is full the oldest events are lost, and the file says so
#   -o FILE  where to write; it must not exist
#   -s       a backtrace with each page allocation (slow)
# Without a COMMAND it records until Ctrl-C.
# shellcheck disable=SC2016,SC2317 # '$arg1' is for tracefs, not for the shell; the trap calls cleanup
set -u
all=0 size=16384 stacks=0 out=${output}
while getopts ab:o:s option; do
  case $option in
    a) all=1 ;;
    b) size=$OPTARG ;;
    o) out=$OPTARG ;;
    s) stacks=1 ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))

say() { printf 'faultpath: %s\\n' "$*" >&2; }
die() { say "$*"; exit 2; }

case $size in '' | *[!0-9]*) die "-b takes a number of KB, not '$size'" ;; esac
tracefs=\${FAULTPATH_TRACEFS:-}
if [ -z "$tracefs" ]; then
  [ "$(id -u)" = 0 ] || die 'only root may trace the kernel: run it with sudo'
  for tracefs in /sys/kernel/tracing /sys/kernel/debug/tracing; do
    [ -e "$tracefs/available_events" ] && break
  done
fi
[ -d "$tracefs/instances" ] || die "no trace instances in $tracefs: is tracefs mounted?"
[ ! -e "$out" ] || die "$out exists already; choose another file with -o"
`;
}

/** Instance, probes, and a cleanup that runs whatever happens. */
export function scriptSetup(): string {
  return `
instance=$tracefs/instances/faultpath.$$
group=faultpath_$$
added='' stop=0

cleanup() {
  trap '' INT TERM HUP
  trap - EXIT
  if [ -d "$instance" ]; then
    echo 0 > "$instance/tracing_on"
    echo 0 > "$instance/events/enable"
    rmdir "$instance" || say "could not remove $instance"
  fi
  for probe in $added; do
    echo "-:$group/$probe" >> "$tracefs/kprobe_events" || say "could not remove the probe $group/$probe"
  done
}
trap cleanup EXIT
trap 'stop=1' INT TERM HUP

mkdir "$instance" || die "could not make $instance"
echo 0 > "$instance/tracing_on"
echo "$size" > "$instance/buffer_size_kb" || die "the kernel has no room for $size KB for each CPU"

# The caller is on top of the stack, or in the link register.
case $(uname -m) in
  x86_64) caller='$stack0' ;;
  aarch64) caller='%x30' ;;
  *) caller= ; say "callers are not known on $(uname -m): locks will have no class" ;;
esac

[ -w "$tracefs/kprobe_events" ] || say 'this kernel has no kprobes: locks, and where a fault ends, will not be seen'
# Addresses as they are, so that waiting for a lock can be matched with its taking; in this instance only.
if [ -e "$instance/options/hash-ptr" ]; then echo 0 > "$instance/options/hash-ptr"; fi

probe() { # name, definition
  [ -w "$tracefs/kprobe_events" ] || return 0
  if (echo "$2" >> "$tracefs/kprobe_events") 2> /dev/null; then
    added="$added $1"
    echo 1 > "$instance/events/$group/$1/enable" || say "could not turn on the probe $1"
  else
    say "skipped: this kernel has no probe on $1"
  fi
}
entry() { # name, symbol, fetches
  probe "$1" "p:$group/$1 $2 $3"
}
lock() { # name, symbol, fetches: with the caller
  probe "$1" "p:$group/$1 $2 $3\${caller:+ caller=$caller:symbol}"
}
returns() { # name, symbol, fetches
  probe "$1" "r:$group/$1 $2 $3"
}
event() { # group/event, or a whole group
  if [ -e "$instance/events/$1/enable" ]; then
    echo 1 > "$instance/events/$1/enable" || say "could not turn on $1"
  else
    say "skipped: this kernel has no event $1"
  fi
}
`;
}

/** The lines that turn everything on. */
export function scriptTurnOn(rules: readonly RecordRule[]): string {
  const events = rules.flatMap((rule) => rule.events.map((event) => `event ${event.replace(/\/\*$/, '')}`));
  const probes = rules.flatMap((rule) => rule.probes.map(probeLine));
  return `\n${[...events, ...probes].join('\n')}\n`;
}

function probeLine(probe: ProbeRule): string {
  const fetches =
    probe.at === 'return'
      ? probe.fetch.map((fetch) => `${fetch.split(':')[0]}=$retval:${fetch.split(':')[1]}`)
      : probe.fetch.flatMap((fetch, at) => {
          const [name, type] = fetch.split(':');
          return name === '-' ? [] : [`${name}=$arg${at + 1}:${type}`];
        });
  const verb = probe.at === 'return' ? 'returns' : probe.caller === true ? 'lock' : 'entry';
  return `${verb} ${probe.name} ${probe.symbol} '${fetches.join(' ')}'`;
}
