import { currentGfpContext, type GfpScopes } from './context.ts';
import { ambiguous, type GfpLayout, type GfpOptions } from './layout.ts';
import { type GfpRelease, seriesIndex } from './release.ts';
import { settle } from './settle.ts';

/**
 * What a mask permits. All take the mask as the allocator sees it: apply `currentGfpContext` first where a task scope
 * is open. Bits that the release doesn't have are ignored here; `parseGfp` is where they are refused.
 * Source: include/linux/gfp.h, mm/page_alloc.c, mm/oom_kill.c.
 */
function judge(
  mask: number,
  options: GfpOptions,
  what: string,
  rule: (has: (name: string) => boolean, release: GfpRelease) => boolean,
): boolean {
  return settle(mask, options, what, (layout, release) => rule((name) => hasFlag(mask, layout, name), release));
}

/** Whether a single flag is set, by its name in a layout. */
export function hasFlag(mask: number, layout: GfpLayout, name: string): boolean {
  return (mask & (layout.bits.get(name) ?? 0)) !== 0;
}

/** The caller itself may reclaim and compact, hence may sleep: `__GFP_DIRECT_RECLAIM`. */
export function mayBlock(mask: number, options: GfpOptions): boolean {
  return judge(mask, options, 'mayBlock', (has) => has('__GFP_DIRECT_RECLAIM'));
}

/** A low watermark wakes kswapd; the caller does not wait for it: `__GFP_KSWAPD_RECLAIM`. */
export function wakesKswapd(mask: number, options: GfpOptions): boolean {
  return judge(mask, options, 'wakesKswapd', (has) => has('__GFP_KSWAPD_RECLAIM'));
}

/** The caller's own reclaim may start block I/O: it may reclaim at all, and `__GFP_IO` is set. */
export function mayDoIo(mask: number, options: GfpOptions): boolean {
  return judge(mask, options, 'mayDoIo', (has) => has('__GFP_DIRECT_RECLAIM') && has('__GFP_IO'));
}

/** The caller's own reclaim may call into filesystems: it may reclaim at all, and `__GFP_FS` is set. */
export function mayEnterFs(mask: number, options: GfpOptions): boolean {
  return judge(mask, options, 'mayEnterFs', (has) => has('__GFP_DIRECT_RECLAIM') && has('__GFP_FS'));
}

/** `__GFP_NOFAIL`: the allocator loops until it succeeds. */
export function mustNotFail(mask: number, options: GfpOptions): boolean {
  return judge(mask, options, 'mustNotFail', (has) => has('__GFP_NOFAIL'));
}

/** `__GFP_NOLOCKDEP` is set: lockdep does not look at this allocation's reclaim. The flag exists from 4.12. */
export function hasNolockdep(mask: number, options: GfpOptions): boolean {
  return judge(mask, options, 'hasNolockdep', (has) => has('__GFP_NOLOCKDEP'));
}

/** May take from the reserves without limit: `__GFP_MEMALLOC` or the task's PF_MEMALLOC, unless `__GFP_NOMEMALLOC`. */
export function mayUseAllReserves(
  mask: number,
  options: GfpOptions,
  scopes: Pick<GfpScopes, 'memalloc'> = {},
): boolean {
  return judge(
    mask,
    options,
    'mayUseAllReserves',
    (has) => !has('__GFP_NOMEMALLOC') && (has('__GFP_MEMALLOC') || scopes.memalloc === true),
  );
}

/**
 * A failing allocation of order 0 to 3 may end in the OOM killer. It needs direct reclaim and `__GFP_FS`, and neither
 * `__GFP_NORETRY`, `__GFP_RETRY_MAYFAIL` nor `__GFP_THISNODE`; up to 4.10 `__GFP_NOFAIL` does instead of `__GFP_FS`
 * and beats `__GFP_THISNODE`. A charge to a memory cgroup has its own rules.
 * @throws GfpError `GFP_KERNEL_AMBIGUOUS` for 4.11 where only `__GFP_NOFAIL` decides
 */
export function mayInvokeOomKiller(mask: number, options: GfpOptions): boolean {
  return judge(mask, options, 'mayInvokeOomKiller', (has, release) => {
    if (!has('__GFP_DIRECT_RECLAIM') || has('__GFP_NORETRY') || has('__GFP_RETRY_MAYFAIL')) return false;
    const byMask = has('__GFP_FS') && !has('__GFP_THISNODE');
    if (byMask || !has('__GFP_NOFAIL')) return byMask;
    if (release.series === '4.11') throw ambiguous(release, 'whether __GFP_NOFAIL alone may invoke the OOM killer');
    return release.index < seriesIndex('4.11');
  });
}

/** Which of lockdep's reclaim marks an allocation gets. */
export interface GfpLockdepReclaim {
  /** The `fs_reclaim` map; up to 4.13 the usage state RECLAIM_FS in its place. */
  readonly fsReclaim: boolean;
  /** The MMU-notifier map, looked at from 5.11 on even where `__GFP_FS` is clear. */
  readonly mmuNotifier: boolean;
}

/**
 * What lockdep notes for an allocation by a task with these scopes; the scopes are applied here.
 * Needs direct reclaim, no `__GFP_NOLOCKDEP`, no PF_MEMALLOC, and for `fs_reclaim` also `__GFP_FS`.
 * Up to 4.14 `__GFP_NOMEMALLOC` undoes PF_MEMALLOC.
 * @throws GfpError as `currentGfpContext`
 */
export function lockdepReclaim(mask: number, scopes: GfpScopes, options: GfpOptions): GfpLockdepReclaim {
  const effective = currentGfpContext(mask, scopes, options);
  return settle(effective, options, 'lockdepReclaim', (layout, release) => {
    const has = (name: string) => hasFlag(effective, layout, name);
    const undone = release.index < seriesIndex('4.15') && has('__GFP_NOMEMALLOC');
    const seen = has('__GFP_DIRECT_RECLAIM') && !has('__GFP_NOLOCKDEP') && (scopes.memalloc !== true || undone);
    return { fsReclaim: seen && has('__GFP_FS'), mmuNotifier: seen && release.index >= seriesIndex('5.11') };
  });
}
