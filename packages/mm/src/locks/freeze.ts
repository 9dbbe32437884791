import type { Op } from '@faultpath/engine';
import type { SuperBlock } from '../machine/types.ts';
import { down_read, down_write, up_read, up_write } from './rwsem.ts';

/** The three levels of freeze protection, in the order in which a freeze takes them. */
export const freezeLevels = ['sb_writers', 'sb_pagefaults', 'sb_internal'] as const;

export type FreezeLevel = (typeof freezeLevels)[number];

/** Protection against a freeze, level 1: a write system call. */
export function sb_start_write(sb: SuperBlock): Op {
  return down_read(sb.s_writers.sb_writers);
}

/** Ends level 1. */
export function sb_end_write(sb: SuperBlock): Op {
  return up_read(sb.s_writers.sb_writers);
}

/** Protection against a freeze, level 2: a fault that writes. It nests inside mmap_lock. */
export function sb_start_pagefault(sb: SuperBlock): Op {
  return down_read(sb.s_writers.sb_pagefaults);
}

/** Ends level 2. */
export function sb_end_pagefault(sb: SuperBlock): Op {
  return up_read(sb.s_writers.sb_pagefaults);
}

/** Protection against a freeze, level 3: the filesystem's own transactions. */
export function sb_start_intwrite(sb: SuperBlock): Op {
  return down_read(sb.s_writers.sb_internal);
}

/** Ends level 3. */
export function sb_end_intwrite(sb: SuperBlock): Op {
  return up_read(sb.s_writers.sb_internal);
}

/** Waits until nobody is inside a level any more, and keeps newcomers out. */
export function sb_wait_write(sb: SuperBlock, level: FreezeLevel): Op {
  return down_write(sb.s_writers[level]);
}

/** Lets newcomers in again. */
export function sb_freeze_unlock(sb: SuperBlock, level: FreezeLevel): Op {
  return up_write(sb.s_writers[level]);
}
