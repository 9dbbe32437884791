import { type Op, op, set } from '@faultpath/engine';
import { changes } from './events.ts';
import type { Inode, PageSlot, Victim } from './machine/types.ts';

/** A page gets a block, in one step. */
export function allocateBlock({ mapped, owner }: PageSlot): Op {
  return op(`allocate a block for ${owner}`, [{ when: [], does: [set(mapped, 1)], result: 0 }]);
}

/** Every block of an inode is freed, in one step. Nobody looks at those of an unused one, but contracts do. */
export function freeBlocks(of: Inode | Victim): Op {
  const pages = 'i_mapping' in of ? of.i_mapping.i_pages : [];
  if (pages.length === 0) return changes('mapped', of.name);
  return op(`free the blocks of ${of.name}`, [{ when: [], does: pages.map((slot) => set(slot.mapped, 0)), result: 0 }]);
}
