import { daxContracts } from '@faultpath/dax';
import type { LockContract } from '@faultpath/lockdep';
import { coreContracts, type EraName, type Filesystem } from '@faultpath/mm';
import type { CaseSetting } from './case.ts';

const known = new WeakMap<Filesystem, Map<EraName, readonly LockContract[]>>();

/**
 * What is held where, in one filesystem and release: what the core asks of every filesystem, and what the adapter says of
 * its own. One list, made once.
 */
export function contractsOf({ fs, era }: Pick<CaseSetting, 'fs' | 'era'>): readonly LockContract[] {
  const byEra = known.get(fs) ?? new Map<EraName, readonly LockContract[]>();
  known.set(fs, byEra);
  const contracts = byEra.get(era) ?? contractsIn(fs, era);
  byEra.set(era, contracts);
  return contracts;
}

function contractsIn(fs: Filesystem, era: EraName): readonly LockContract[] {
  const own = (fs.contracts ?? []).filter(({ eras }) => eras === undefined || eras.includes(era));
  return [...coreContracts, ...(fs.supports.dax ? daxContracts(fs.invalidateLock(era)) : []), ...own];
}
