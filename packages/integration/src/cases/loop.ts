import { type CaseSetting, type ConformanceCase, defineCase, type Twin } from '@faultpath/conformance';
import { ext4 } from '@faultpath/ext4';
import { type CoreChange, eras, type FaultCase, type TaskSpec } from '@faultpath/mm';
import { xfs } from '@faultpath/xfs';
import { crossRules, unreadPolicy } from './cross.ts';

/** Superblocks of a case: the one that faults and has the image, and the one in the image. */
const BELOW = 'below';
const IMAGE = 'image';

const finding = 'docs/findings/loop-over-ext4.md';

function tasks(scope?: 'nofs'): readonly TaskSpec[] {
  const within = scope === undefined ? {} : { scope };
  return [
    { kind: 'read-fault', fs: BELOW, ...within },
    { kind: 'write-fault', fs: BELOW, ...within },
    { kind: 'write-fault', fs: BELOW, inode: 1, ...within },
    { kind: 'truncate', fs: BELOW, again: true },
    { kind: 'kswapd' },
  ];
}

/** Reclaim takes what an xfs has all day: inodes with blocks beyond their end, which go in a transaction. */
function scenario({ fs, era, policy }: CaseSetting, directIo: boolean, scope?: 'nofs'): FaultCase {
  return {
    era,
    policy,
    filesystem: [
      { name: BELOW, filesystem: fs },
      { name: IMAGE, filesystem: xfs, loop: { on: BELOW, directIo } },
    ],
    tasks: tasks(scope),
    victims: [{ kind: 'eofblocks', fs: IMAGE }],
  };
}

/** Nothing on a loop device has DAX, so that what faults is the filesystem below. */
function missing({ fs, era }: CaseSetting): string | undefined {
  if (fs.name !== ext4.name) return `the image is a file of ${ext4.name}, which is what faults here`;
  return xfs.supports.eras.includes(era) ? undefined : `${xfs.name} is not modelled for ${era}`;
}

function missingOpen(setting: CaseSetting): string | undefined {
  const nowhere = missing(setting) ?? unreadPolicy(setting.policy);
  if (nowhere !== undefined) return nowhere;
  return eras[setting.era].ext4HandleAroundDax.is
    ? undefined
    : 'nobody waits for an entry with a handle open; the proof takes millions of states, and a test has it without a third fault';
}

function missingScoped(setting: CaseSetting): string | undefined {
  const nowhere = missing(setting);
  if (nowhere !== undefined) return nowhere;
  return ['as-released', 'scope'].includes(setting.policy)
    ? undefined
    : 'the faults are in a NOFS scope, which makes the masks of all policies one';
}

/** The driver without one of its two protections, or without both. */
function without(
  id: string,
  changes: readonly CoreChange[],
  rest: Pick<Twin, 'title' | 'because'> & Partial<Twin>,
): Twin {
  return {
    id,
    caughtBy: 'engine/deadlock',
    mutate: ({ fs }) => fs,
    scenario: (given) => ({ ...given, changes: [...(given.changes ?? []), ...changes] }),
    ...rest,
  };
}

const scopedWorker = ({ era }: CaseSetting): boolean => eras[era].loopWorkerNoio.is;
const unscopedWorker = (setting: CaseSetting): boolean => !scopedWorker(setting);

const rules = crossRules;

/** An xfs in an image on a loop device over ext4. */
export const loopCases: readonly ConformanceCase[] = [
  defineCase({
    id: 'cross/004',
    title: 'faults on the ext4 that has the image of an xfs, while reclaim takes inodes of that xfs',
    groups: ['cross', 'loop'],
    level: 'MUST',
    guards: `${finding}: an ordinary inode above a loop device waits for the journal below it`,
    requires: missingOpen,
    scenario: (setting) => scenario(setting, false),
    rules,
    twins: [],
  }),
  defineCase({
    id: 'cross/005',
    title: 'as cross/004, the faults in a NOFS scope: what is left is the worker of the loop device',
    groups: ['cross', 'loop'],
    level: 'MUST',
    guards: 'loop_set_fd: the mapping mask of the file below loses __GFP_IO and __GFP_FS',
    requires: missingScoped,
    scenario: (setting) => scenario(setting, false, 'nofs'),
    rules,
    twins: [
      without('loop-keeps-mask', ['loop-keeps-mapping-mask'], {
        title: 'the mapping mask of the file below is left as it is',
        because: 'the worker reclaims an inode of the filesystem above, which waits for the worker',
        applies: unscopedWorker,
      }),
      without('loop-unprotected', ['loop-keeps-mapping-mask', 'loop-worker-unscoped'], {
        title: 'the mapping mask is left as it is, and the worker runs in no scope',
        because: 'the worker reclaims an inode of the filesystem above, which waits for the worker',
        applies: scopedWorker,
      }),
    ],
  }),
  defineCase({
    id: 'cross/006',
    title: 'as cross/005, the loop device with direct I/O',
    groups: ['cross', 'loop'],
    level: 'MUST',
    guards: 'd0a255e795ab: direct I/O allocates with GFP_KERNEL in the worker, whatever the mapping mask says',
    requires: missingScoped,
    scenario: (setting) => scenario(setting, true, 'nofs'),
    rules,
    twins: [
      without('loop-unscoped', ['loop-worker-unscoped'], {
        title: 'the worker runs in no scope, as before v5.3',
        because: 'no mapping mask governs direct I/O',
        applies: scopedWorker,
      }),
    ],
  }),
];
