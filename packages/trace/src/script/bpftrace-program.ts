/**
 * bpftrace has no text form of trace events, so each probe prints a line as tracefs would, and the same reader reads it.
 * Masks are numbers there; the reader names them for the release.
 */
const LINE = '%16s-%-7d [%03d] ..... %d.%06d: ';
const VALUES = 'comm, tid, cpu, nsecs / 1000000000, nsecs % 1000000000 / 1000';

interface Probe {
  readonly at: string;
  readonly name: string;
  readonly format: string;
  readonly values: string;
}

const caller = 'ksym(*(uint64 *)reg("sp"))';

const lock = (name: string, argument: string): Probe => ({
  at: `kprobe:${name}`,
  name,
  format: `(${name}+0x0/0x0) ${argument}=0x%lx caller=%s`,
  values: `arg0, ${caller}`,
});

const trylock = (name: string, argument: string): readonly Probe[] => [
  lock(name, argument),
  { at: `kretprobe:${name}`, name: `${name}_ret`, format: `(%s <- ${name}) ret=%d`, values: 'ksym(reg("ip")), retval' },
];

const event = (at: string, format: string, values: string): Probe => ({
  at: `tracepoint:${at}`,
  name: at.split(':')[1] ?? at,
  format,
  values,
});

const alloc = (name: string): Probe =>
  event(
    `kmem:${name}`,
    'call_site=%s bytes_req=%d bytes_alloc=%d gfp_flags=0x%x accounted=unknown',
    'ksym(args->call_site), args->bytes_req, args->bytes_alloc, args->gfp_flags',
  );

const core: readonly Probe[] = [
  ...['down_read', 'up_read', 'down_write', 'up_write', 'downgrade_write'].map((name) => lock(name, 'sem')),
  ...trylock('down_read_trylock', 'sem'),
  ...trylock('down_write_trylock', 'sem'),
  ...['mutex_lock', 'mutex_unlock'].map((name) => lock(name, 'lock')),
  ...trylock('mutex_trylock', 'lock'),
  {
    at: 'kprobe:handle_mm_fault',
    name: 'handle_mm_fault',
    format: '(handle_mm_fault+0x0/0x0) address=0x%lx flags=0x%x',
    values: 'arg1, arg2',
  },
  {
    at: 'kretprobe:handle_mm_fault',
    name: 'handle_mm_fault_ret',
    format: '(%s <- handle_mm_fault) ret=0x%x',
    values: 'ksym(reg("ip")), retval',
  },
  event(
    'exceptions:page_fault_user',
    'address=0x%lx ip=0x%lx error_code=0x%x',
    'args->address, args->ip, args->error_code',
  ),
  event(
    'kmem:mm_page_alloc',
    'page=0x0 pfn=0x%lx order=%d migratetype=%d gfp_flags=0x%x',
    'args->pfn, args->order, args->migratetype, args->gfp_flags',
  ),
  alloc('kmalloc'),
  alloc('kmem_cache_alloc'),
  event('vmscan:mm_vmscan_direct_reclaim_begin', 'order=%d gfp_flags=0x%x', 'args->order, args->gfp_flags'),
  event('vmscan:mm_vmscan_direct_reclaim_end', 'nr_reclaimed=%lu', 'args->nr_reclaimed'),
];

const dev = 'args->dev >> 20, args->dev & 0xfffff';

const byFilesystem: Readonly<Record<string, readonly Probe[]>> = {
  ext4: [
    event('jbd2:jbd2_handle_start', 'dev %d,%d tid %lu', `${dev}, args->tid`),
    event('jbd2:jbd2_handle_stats', 'dev %d,%d tid %lu', `${dev}, args->tid`),
    event('ext4:ext4_es_lookup_extent_enter', 'dev %d,%d ino %lu lblk %u', `${dev}, args->ino, args->lblk`),
    {
      at: 'kprobe:ext4_dax_huge_fault',
      name: 'ext4_dax_huge_fault',
      format: '(ext4_dax_huge_fault+0x0/0x0) vmf=0x%lx',
      values: 'arg0',
    },
  ],
  xfs: [
    event('xfs:xfs_trans_alloc', 'dev %d:%d trans %x flags 0x%x', `${dev}, args->tid, args->flags`),
    event('xfs:xfs_trans_free', 'dev %d:%d trans %x flags 0x%x', `${dev}, args->tid, args->flags`),
    event('xfs:xfs_ilock', 'dev %d:%d ino 0x%lx flags 0x%x', `${dev}, args->ino, args->lock_flags`),
    event('xfs:xfs_iunlock', 'dev %d:%d ino 0x%lx flags 0x%x', `${dev}, args->ino, args->lock_flags`),
  ],
};

/**
 * The part of the script that runs bpftrace; probes that the kernel lacks are found out first, and said. Its own `-c` wants
 * a path and splits arguments at spaces, so that the command is run beside it.
 */
export function bpftraceProgram(filesystems: readonly string[]): string {
  const probes = [...core, ...filesystems.flatMap((fs) => byFilesystem[fs] ?? [])];
  const lines = probes.map(
    ({ at, name, format, values }) => `add ${at} 'printf("${LINE}${name}: ${format}\\n", ${VALUES}, ${values});'`,
  );
  return `
# With a COMMAND its tasks alone are followed: the children of this shell from the first line on, and theirs.
filter='/comm != "bpftrace"/'
program='BEGIN { printf("# kernel '$(uname -r)'\\n"); }
'
if [ $# -gt 0 ] && [ "$all" = 0 ]; then
  filter='/@follow[tid]/'
  program="$program
tracepoint:sched:sched_process_fork /args->parent_pid == $$ || @follow[args->parent_pid]/ { @follow[args->child_pid] = 1; }
tracepoint:sched:sched_process_exit { delete(@follow[tid]); }
END { clear(@follow); }
"
fi
add() { # probe, action
  if bpftrace -l "$(printf '%s' "$1" | sed 's/^kretprobe/kprobe/')" 2> /dev/null | grep -q .; then
    program="$program$1 $filter { $2 }
"
  else
    say "skipped: this kernel has no $1"
  fi
}
${lines.join('\n')}

# Lost events cost more than memory.
export BPFTRACE_PERF_RB_PAGES="\${BPFTRACE_PERF_RB_PAGES:-1024}"
status=0
# Ctrl-C ends bpftrace; this shell goes on, and says what was written.
trap : INT
if [ $# -gt 0 ]; then
  bpftrace -q -B line -e "$program" > "$out" &
  tracer=$!
  # bpftrace drops what it has not read when it is told to end, so that it gets a second for that. Who waits that second is
  # a child from before the first line: it is not followed.
  (
    trap 'sleep 1; kill -INT "$tracer" 2> /dev/null; exit 0' USR1
    while kill -0 "$tracer" 2> /dev/null; do
      sleep 1 &
      wait $!
    done
  ) &
  ender=$!
  # The first line is written when every probe is there. A shell of its own waits for it, so that its sleep is not followed.
  (
    until [ -s "$out" ]; do
      kill -0 "$tracer" 2> /dev/null || exit 1
      sleep 1
    done
  ) || { rm -f "$out"; die 'bpftrace ended by itself'; }
  "$@" || status=$?
  kill -USR1 "$ender" 2> /dev/null
  wait "$tracer" || say "bpftrace ended with status $?"
else
  say 'recording; Ctrl-C ends it'
  bpftrace -q -B line -e "$program" > "$out" || status=$?
fi
[ -s "$out" ] || { rm -f "$out"; die 'bpftrace wrote nothing'; }
[ "$status" = 0 ] || say "the command ended with status $status"
say "wrote $out; now: faultpath trace check $out"
exit "$status"
`;
}
