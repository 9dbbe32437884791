import { readdirSync, readFileSync } from 'node:fs';
import { cases, replay } from '@faultpath/conformance';
import type { EraName, PolicyName } from '@faultpath/mm';
import { describe, expect, test } from 'vitest';
import { adapters, cases as ownCases } from '../src/index.ts';

const findings = new URL('../../../docs/findings/', import.meta.url);
const COMMAND = /faultpath replay (\S+) (\S+) --era (\S+) --policy (\S+) --schedule (\S+)/g;

const witnesses = readdirSync(findings).flatMap((page) =>
  [...readFileSync(new URL(page, findings), 'utf8').matchAll(COMMAND)].map(
    ([, fs = '', id = '', era = '', policy = '', schedule = '']) => ({ page, fs, id, era, policy, schedule }),
  ),
);

describe('witnesses of the findings', () => {
  test('are there', () => {
    expect(witnesses.length).toBeGreaterThan(0);
  });

  test.each(witnesses)('$page: $fs $id $era $policy ends where tasks wait for each other', (witness) => {
    const fs = adapters.find(({ name }) => name === witness.fs);
    const subject = [...cases, ...ownCases].find(({ id }) => id === witness.id);
    if (fs === undefined || subject === undefined) throw new Error(`${witness.fs} ${witness.id} is not bundled`);
    const setting = { fs, era: witness.era as EraName, policy: witness.policy as PolicyName };
    const { threads } = replay(subject, setting, witness.schedule);
    const waiting = threads.filter(({ status, enabled }) => status === 'running' && !enabled);
    const holders = waiting.filter(({ held }) => held.length > 0);
    expect(holders.length).toBeGreaterThan(1);
  });
});
