import { examineCapabilities } from '../capability/examine.ts';
import { defineCase } from '../case.ts';
import { scenarioOf } from './scenario.ts';

export const declaredIsBehaved = defineCase({
  id: 'adapter/001',
  title: 'the adapter does what it declares, and declares what it does',
  groups: ['adapter', 'quick'],
  level: 'MUST',
  guards: 'every other case: it is left out where a capability is not declared, and proves little where nobody has it',
  requires: ({ fs, era, policy }) => {
    if (!fs.supports.eras.includes(era)) return `${fs.name} is not modelled for ${era}`;
    return policy === 'as-released' ? undefined : 'what an adapter declares is no matter of mask policies';
  },
  // Every thing declared is tried by itself; of these runs, this is the one to replay and to export.
  scenario: (setting) => scenarioOf(setting, [{ kind: 'write-fault' }], []),
  examine: examineCapabilities,
  rules: ['adapter/capability'],
  twins: [],
});
