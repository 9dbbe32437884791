import { type Alternative, set, when } from '@faultpath/engine';
import type { Victim } from '../machine/types.ts';

/**
 * What taking an inode asks and does. Where there are as many as reclaim wants it is nobody else's business: two tasks
 * never compete for one, and what is proved holds for any number of unused inodes.
 */
export function takes({ unused }: Victim): Pick<Alternative, 'when' | 'does'> {
  if (unused === undefined) return { when: [], does: [] };
  return { when: [when(unused, '==', 1)], does: [set(unused, 0)] };
}
