import type { Rule } from '../rule.ts';
import { circular } from './circular.ts';
import { faultContract } from './fault-contract.ts';
import { fsRecursion } from './fs-recursion.ts';
import { lockContract } from './lock-contract.ts';
import { lockLeaf } from './lock-leaf.ts';
import { lockLeak } from './lock-leak.ts';
import { lockOrder } from './lock-order.ts';
import { mappingMask } from './mapping-mask.ts';
import { maskJuggling } from './mask-juggling.ts';
import { scopeBalance } from './scope-balance.ts';

/** Every rule of this package, in the order in which reports list them. */
export const rules: readonly Rule[] = [
  circular,
  fsRecursion,
  lockLeak,
  lockOrder,
  lockContract,
  lockLeaf,
  faultContract,
  scopeBalance,
  mappingMask,
  maskJuggling,
];
