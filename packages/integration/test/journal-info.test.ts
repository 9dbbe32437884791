import { modelEvents } from '@faultpath/conformance';
import { type Exploration, explore } from '@faultpath/engine';
import { ext4 } from '@faultpath/ext4';
import type { FaultpathEvent } from '@faultpath/lockdep';
import { buildFaultModel, type EraName, type Filesystem } from '@faultpath/mm';
import { xfs, xfsWith } from '@faultpath/xfs';
import { describe, expect, test } from 'vitest';

/** Write faults on `a`, while reclaim takes inodes of `b`. */
function cross(era: EraName, a: Filesystem, b: Filesystem, kind: string): Exploration {
  return explore(
    buildFaultModel({
      era,
      filesystem: [
        { name: 'a', filesystem: a },
        { name: 'b', filesystem: b },
      ],
      tasks: [{ kind: 'write-fault', fs: 'a' }],
      victims: [{ kind, fs: 'b' }],
    }),
    { all: true },
  );
}

/** Scopes of handles and transactions that are open where reclaim is entered, each once. */
function openInReclaim(exploration: Exploration): readonly string[] {
  const open = new Map<string, string[]>();
  const seen = new Set<string>();
  for (const event of modelEvents(exploration)) {
    const mine = open.get(event.task) ?? [];
    open.set(event.task, after(event, mine));
    if (event.type === 'reclaim' && event.action === 'enter') for (const scope of mine) seen.add(scope);
  }
  return [...seen].sort();
}

function after(event: FaultpathEvent, open: readonly string[]): string[] {
  if (event.type === 'lost') return [];
  if (event.type !== 'scope' || (event.scope !== 'handle' && event.scope !== 'transaction')) return [...open];
  return event.action === 'enter' ? [...open, event.scope] : open.slice(0, -1);
}

const codes = ({ errors }: Exploration): readonly string[] => [...new Set(errors.map(({ code }) => code))];

const ext4Unscoped: Filesystem = { ...ext4, decisions: { ...ext4.decisions, handleScope: false } };
const xfsUnscoped = xfsWith({ transactionScope: false });

describe('reclaim of the other filesystem with a handle open', () => {
  test('v4.9: ext4 enters it, and where the other is an ext4 the handle is of the wrong journal', () => {
    const other = cross('v4.9', ext4, ext4, 'orphan');
    expect(openInReclaim(other)).toEqual(['handle']);
    expect(codes(other)).toEqual(['jbd2/foreign-handle']);
  });

  test('v4.9: xfs does not look at journal_info, so its transaction opens inside the handle of ext4', () => {
    const other = cross('v4.9', ext4, xfs, 'eofblocks');
    expect(openInReclaim(other)).toEqual(['handle']);
    expect([other.verdict, codes(other)]).toEqual(['proved', []]);
  });

  test.each(['v4.12', 'v5.15', 'v6.1', 'v6.12'] as const)('%s: the handle is a scope, and nobody gets there', (era) => {
    const other = cross(era, ext4, ext4, 'orphan');
    expect(openInReclaim(other)).toEqual([]);
    expect([other.verdict, codes(other)]).toEqual(['proved', []]);
  });

  test.each(['v5.15', 'v6.1', 'v6.12'] as const)('%s, twin without that scope: the handle is met', (era) => {
    const other = cross(era, ext4Unscoped, ext4, 'orphan');
    expect(openInReclaim(other)).toEqual(['handle']);
    expect(codes(other)).toEqual(['jbd2/foreign-handle']);
  });
});

describe('reclaim of the other filesystem with a transaction open', () => {
  test.each(['v4.9', 'v4.12', 'v5.15', 'v6.1', 'v6.12'] as const)('%s: xfs never enters it', (era) => {
    const other = cross(era, xfs, ext4, 'orphan');
    expect(openInReclaim(other)).toEqual([]);
    expect([other.verdict, codes(other)]).toEqual(['proved', []]);
  });

  test.each(['v5.15', 'v6.1'] as const)('%s, twin without scope: ext4 takes journal_info for its handle', (era) => {
    const other = cross(era, xfsUnscoped, ext4, 'orphan');
    expect(openInReclaim(other)).toEqual(['transaction']);
    expect(codes(other)).toEqual(['jbd2/foreign-handle']);
  });

  test.each(['v4.12', 'v6.12'] as const)('%s, the same twin: xfs leaves journal_info alone, and ext4 nests', (era) => {
    const other = cross(era, xfsUnscoped, ext4, 'orphan');
    expect(openInReclaim(other)).toEqual(['transaction']);
    expect(codes(other)).toEqual([]);
  });
});
