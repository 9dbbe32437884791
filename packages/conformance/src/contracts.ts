import { daxContracts } from '@faultpath/dax';
import type { LockContract } from '@faultpath/lockdep';
import { coreContracts } from '@faultpath/mm';
import type { CaseSetting } from './case.ts';

/** What is held where, in one filesystem and release: what the core asks of every filesystem, and what the adapter says of its own. */
export function contractsOf({ fs, era }: CaseSetting): readonly LockContract[] {
  const own = (fs.contracts ?? []).filter(({ eras }) => eras === undefined || eras.includes(era));
  return [...coreContracts, ...(fs.supports.dax ? daxContracts(fs.invalidateLock(era)) : []), ...own];
}
