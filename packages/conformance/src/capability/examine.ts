import type { Finding } from '@faultpath/lockdep';
import type { CaseSetting, Examination } from '../case.ts';
import { type Capability, capabilitiesOf, sawEverything } from './capabilities.ts';
import { observe } from './observe.ts';

/** Holds what an adapter says of itself against what was seen of it. */
export function examineCapabilities({ fs, era }: CaseSetting): Examination {
  const seen = observe(fs, era);
  const whole = sawEverything(seen);
  const wrong = capabilitiesOf(fs, era).filter(({ declared, behaved }) => declared !== behaved);
  return {
    states: seen.states,
    transitions: seen.transitions,
    bounds: { probes: seen.by.size },
    // Whoever was stuck halfway may do more than was seen.
    findings: wrong.filter(({ behaved }) => whole || behaved).map((each) => finding(each, fs.name)),
    notes: whole ? [] : ['adapter/capability: somebody was stuck or in error, so nothing is said to be missing'],
  };
}

function finding({ field, declared, missing, seen }: Capability, name: string): Finding {
  const claim = declared
    ? `${name} declares ${field}, but ${missing}`
    : `${name} does not declare ${field}, but ${seen}`;
  return {
    rule: 'adapter/capability',
    level: 'error',
    claim,
    because: [{ text: `${claim}. See docs/rules/adapter-capability.md` }],
  };
}
