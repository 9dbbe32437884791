import { gfpLayout } from '@faultpath/mm/gfp';
import type { RawRecord } from '../record.ts';

/** The release a recording comes from, and how that is known. */
export interface KernelGuess {
  readonly release: string;
  readonly because: string;
}

/** Where nothing tells, the release most recordings come from. */
export const FALLBACK_KERNEL: KernelGuess = { release: '6.1', because: 'nothing in the recording tells the release' };

/** Events that tell the release where nothing else does. */
export function mayTellKernel(event: string): boolean {
  return event === 'mm_page_alloc' || event.startsWith('kmem_cache_alloc') || event.startsWith('kmalloc');
}

/** A release that stands for a range; the gfp names differ between the ranges, not inside. */
export function guessKernel(record: RawRecord): KernelGuess | undefined {
  switch (record.name) {
    case 'mm_page_alloc': {
      const pfn = record.getText('pfn');
      return pfn !== undefined && /^\d+$/.test(pfn)
        ? { release: '5.10', because: 'mm_page_alloc prints pfn in decimal (up to 5.12)' }
        : undefined;
    }
    case 'kmem_cache_alloc':
      if (record.getText('name') !== undefined) {
        return {
          release: '7.2',
          because: 'kmem_cache_alloc prints the name of its cache (from 6.18; taken for the newest)',
        };
      }
      if (record.getText('accounted') === undefined) {
        return { release: '5.10', because: 'kmem_cache_alloc does not print accounted= (up to 5.19)' };
      }
      return { release: '6.1', because: 'kmem_cache_alloc prints accounted=, but no cache name (6.0 to 6.17)' };
    default:
      return undefined;
  }
}

/** Whether it is a release whose masks can be read. */
export function isKnownRelease(release: string): boolean {
  try {
    gfpLayout(release);
    return true;
  } catch {
    return false;
  }
}
