import type { Finding } from '@faultpath/lockdep';
import type { CaseResult, Witness } from '../src/index.ts';

/** The deadlock of the read fault against the write fault, as a rule would report it. */
export const deadlock: Finding = {
  rule: 'engine/deadlock',
  level: 'error',
  claim: 'A read fault, a write fault and the commit thread can wait for each other for ever.',
  because: [
    { text: 'the page-table page is charged to a cgroup at its limit, so reclaim runs', task: 'reader' },
    { text: 'the commit waits for every open handle', task: 'commit' },
  ],
  schedule: 'v1:0.1.2',
  cycle: [
    {
      task: 'reader',
      holds: [{ lock: 'dax_entry', instance: 'page:0', mode: 'exclusive' }],
      wants: { lock: 'jbd2_transaction', instance: 'sb:1', mode: 'shared' },
      backtrace: ['wait_transaction_locked', 'start_this_handle', 'ext4_dirty_inode', 'iput', 'pte_alloc_one'],
      mask: 'GFP_KERNEL_ACCOUNT|__GFP_ZERO',
    },
    {
      task: 'commit',
      holds: [{ lock: 'jbd2_transaction', instance: 'sb:1', mode: 'exclusive' }],
      wants: { lock: 'jbd2_handle', instance: 'handle:1', mode: 'exclusive' },
      backtrace: ['jbd2_journal_wait_updates', 'jbd2_journal_commit_transaction'],
    },
    {
      task: 'writer',
      holds: [{ lock: 'jbd2_handle', instance: 'handle:1', mode: 'exclusive' }],
      wants: { lock: 'dax_entry', instance: 'page:0', mode: 'exclusive' },
      backtrace: ['get_unlocked_entry', 'grab_mapping_entry', 'dax_iomap_pte_fault'],
    },
  ],
};

export const witness: Witness = {
  tasks: ['reader', 'writer', 'commit'],
  steps: [
    { task: 0, step: 0, text: 'locks the DAX entry', backtrace: ['grab_mapping_entry'] },
    { task: 1, step: 1, text: 'starts a handle', backtrace: ['start_this_handle'], note: 'NOFS scope opens' },
    { task: 2, step: 2, text: 'waits for the handle', backtrace: ['jbd2_journal_wait_updates'], waits: true },
    { task: 1, step: 3, text: 'waits for the DAX entry', backtrace: ['get_unlocked_entry'], waits: true },
    { task: 0, step: 14, text: 'waits for the commit', backtrace: ['wait_transaction_locked'], waits: true },
  ],
  finding: deadlock,
  replay: 'faultpath replay ext4 dax/004 --era v6.1 --policy as-released --schedule v1:0.1.2',
};

/** A passing cell with the given differences. */
export function cell(changes: Partial<CaseResult> = {}): CaseResult {
  return {
    fs: 'ext4',
    era: 'v6.1',
    policy: 'as-released',
    case: 'dax/001',
    title: 'write fault over a hole',
    level: 'MUST',
    counterfactual: false,
    verdict: 'pass',
    states: 12345,
    transitions: 45678,
    exhausted: true,
    bounds: { tasks: 3, inodes: 2 },
    findings: [],
    notes: [],
    ...changes,
  };
}

/** One cell of each verdict, a SHOULD failure, a counterfactual one and one explored together with another. */
export const everyVerdict: readonly CaseResult[] = [
  cell(),
  cell({ case: 'dax/002', verdict: 'fail', findings: [deadlock] }),
  cell({
    case: 'dax/003',
    verdict: 'notrun',
    reason: 'needs a lazytime victim',
    states: 0,
    transitions: 0,
    exhausted: false,
  }),
  cell({ case: 'dax/004', verdict: 'incomplete', reason: 'the budget of 1000 states is spent', exhausted: false }),
  cell({
    case: 'dax/005',
    verdict: 'xfail',
    reason: 'known since 2016',
    link: 'https://example.org/a?b=1&c=2',
    findings: [deadlock],
  }),
  cell({ case: 'dax/006', verdict: 'xpass', reason: 'mended in v6.13' }),
  cell({ case: 'dax/007', verdict: 'fail', level: 'SHOULD', findings: [{ ...deadlock, level: 'advisory' }] }),
  cell({ policy: 'jiang', counterfactual: true, notes: ['class cycle infeasible: the victim is unreferenced'] }),
  cell({ policy: 'core', sameAs: 'ext4/v6.1/as-released/dax/001' }),
  cell({ fs: 'xfs', era: 'v4.10' }),
  cell({ fs: 'xfs', era: 'v4.9' }),
];

/** What an adapter or a recording could carry to break out of a format. */
export const hostile =
  '\u001b[31mred\u001b]0;title\u0007 ]]> --> </script><script>alert(1)</script> </style> "quoted\' & <b> %0A::error::x\n::error::y\r\n# SKIP \\ \u0000\u009b2J \u202egnp \ud800 `tick` $(id) #{x} |x| ~';

/** A document's results in which every free text is hostile. */
export function hostileCells(): CaseResult[] {
  const finding: Finding = {
    ...deadlock,
    rule: hostile,
    claim: hostile,
    because: [
      { text: hostile, task: hostile, where: { file: hostile, line: 3, timestamp: hostile }, backtrace: [hostile] },
    ],
    schedule: hostile,
    cycle: [0, 1, 2].map((i) => ({
      task: `${hostile}${i}`,
      holds: [{ lock: hostile, instance: hostile, mode: 'exclusive' }],
      wants: { lock: hostile, instance: hostile, mode: 'shared' },
      backtrace: [hostile],
      mask: hostile,
    })),
    where: { file: hostile, line: 7 },
  };
  const names = {
    fs: hostile,
    era: hostile,
    policy: hostile,
    title: hostile,
    notes: [hostile],
    reason: hostile,
    link: hostile,
  };
  return (['pass', 'fail', 'notrun', 'incomplete', 'xfail', 'xpass'] as const).map((verdict, i) =>
    cell({ ...names, case: `${hostile}${i}`, verdict, findings: verdict === 'pass' ? [] : [finding] }),
  );
}
