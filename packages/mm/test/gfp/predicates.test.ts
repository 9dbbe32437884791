import { describe, expect, it } from 'vitest';
import {
  GfpError,
  gfp,
  hasNolockdep,
  lockdepReclaim,
  mayBlock,
  mayDoIo,
  mayEnterFs,
  mayInvokeOomKiller,
  mayUseAllReserves,
  mustNotFail,
  wakesKswapd,
} from '../../src/gfp/index.ts';

const KERNELS = ['4.4', '4.9', '4.10', '4.18', '5.1', '5.15', '6.1', '6.9', '6.15', '7.2'];

describe('predicates', () => {
  it.each(KERNELS)('read the right bits of %s', (kernel) => {
    const options = { kernel };
    const judge = (names: string) => {
      const mask = gfp(names, options);
      return [mayBlock(mask, options), mayDoIo(mask, options), mayEnterFs(mask, options), wakesKswapd(mask, options)];
    };
    expect(judge('GFP_KERNEL')).toEqual([true, true, true, true]);
    expect(judge('GFP_NOFS')).toEqual([true, true, false, true]);
    expect(judge('GFP_NOIO')).toEqual([true, false, false, true]);
    expect(judge('GFP_NOWAIT')).toEqual([false, false, false, true]);
    expect(judge('GFP_ATOMIC')).toEqual([false, false, false, true]);
    expect(judge('__GFP_HIGHMEM')).toEqual([false, false, false, false]);
  });

  it('need direct reclaim before IO and FS mean anything', () => {
    const options = { kernel: '6.1' };
    const light = gfp('GFP_TRANSHUGE_LIGHT', options);
    expect([mayEnterFs(light, options), mayDoIo(light, options)]).toEqual([false, false]);
    const huge = gfp('GFP_TRANSHUGE', options);
    expect([mayEnterFs(huge, options), mayDoIo(huge, options), wakesKswapd(huge, options)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('tell __GFP_NOLOCKDEP by release and configuration', () => {
    expect(hasNolockdep(1 << 27, { kernel: '6.1' })).toBe(true);
    expect(hasNolockdep(1 << 27, { kernel: '6.1', config: { lockdep: false } })).toBe(false);
    expect(hasNolockdep(1 << 24, { kernel: '6.15' })).toBe(false);
    expect(hasNolockdep(1 << 24, { kernel: '6.15', config: { lockdep: true } })).toBe(true);
    expect(hasNolockdep(1 << 24, { kernel: '6.9' })).toBe(true);
  });

  it('give reserves to MEMALLOC unless NOMEMALLOC', () => {
    const options = { kernel: '6.1' };
    expect(mayUseAllReserves(gfp('__GFP_MEMALLOC', options), options)).toBe(true);
    expect(mayUseAllReserves(gfp('__GFP_MEMALLOC|__GFP_NOMEMALLOC', options), options)).toBe(false);
    expect(mayUseAllReserves(0, options, { memalloc: true })).toBe(true);
    expect(mayUseAllReserves(0, options)).toBe(false);
  });

  it('know who may not fail', () => {
    expect(mustNotFail(gfp('GFP_NOFS|__GFP_NOFAIL', { kernel: '6.1' }), { kernel: '6.1' })).toBe(true);
    expect(mustNotFail(gfp('GFP_NOFS|__GFP_NORETRY', { kernel: '6.1' }), { kernel: '6.1' })).toBe(false);
  });
});

describe('mayInvokeOomKiller', () => {
  const may = (names: string, kernel: string) => mayInvokeOomKiller(gfp(names, { kernel }), { kernel });

  it('needs reclaim and FS, and nothing that gives up early', () => {
    expect(may('GFP_KERNEL', '6.1')).toBe(true);
    expect(may('GFP_NOFS', '6.1')).toBe(false);
    expect(may('GFP_KERNEL|__GFP_NORETRY', '6.1')).toBe(false);
    expect(may('GFP_KERNEL|__GFP_RETRY_MAYFAIL', '6.1')).toBe(false);
    expect(may('GFP_KERNEL|__GFP_THISNODE', '6.1')).toBe(false);
    expect(may('GFP_ATOMIC|__GFP_FS', '6.1')).toBe(false);
  });

  it('lets NOFAIL do instead of FS up to 4.10', () => {
    expect([may('GFP_NOFS|__GFP_NOFAIL', '4.10'), may('GFP_NOFS|__GFP_NOFAIL', '4.12')]).toEqual([true, false]);
    expect(() => may('GFP_NOFS|__GFP_NOFAIL', '4.11')).toThrow(GfpError);
    expect(may('GFP_NOFS', '4.10')).toBe(false);
  });
});

describe('lockdepReclaim', () => {
  const judge = (names: string, kernel: string, scopes = {}) =>
    lockdepReclaim(gfp(names, { kernel }), scopes, { kernel });

  it('takes fs_reclaim for what may enter the filesystem', () => {
    expect(judge('GFP_KERNEL', '6.1')).toEqual({ fsReclaim: true, mmuNotifier: true });
    expect(judge('GFP_NOFS', '6.1')).toEqual({ fsReclaim: false, mmuNotifier: true });
    expect(judge('GFP_NOWAIT', '6.1')).toEqual({ fsReclaim: false, mmuNotifier: false });
    expect(judge('GFP_KERNEL|__GFP_NOLOCKDEP', '6.1')).toEqual({ fsReclaim: false, mmuNotifier: false });
  });

  it('looks at the mask after the scopes', () => {
    expect(judge('GFP_KERNEL', '6.1', { nofs: true })).toEqual({ fsReclaim: false, mmuNotifier: true });
    expect(judge('GFP_KERNEL', '6.1', { memalloc: true })).toEqual({ fsReclaim: false, mmuNotifier: false });
  });

  it('has no MMU-notifier map before 5.11', () => {
    expect(judge('GFP_NOFS', '5.10')).toEqual({ fsReclaim: false, mmuNotifier: false });
    expect(judge('GFP_NOFS', '5.11')).toEqual({ fsReclaim: false, mmuNotifier: true });
  });

  it('lets NOMEMALLOC undo PF_MEMALLOC in old releases only', () => {
    expect(judge('GFP_KERNEL|__GFP_NOMEMALLOC', '4.12', { memalloc: true }).fsReclaim).toBe(true);
    expect(judge('GFP_KERNEL', '4.12', { memalloc: true }).fsReclaim).toBe(false);
    expect(judge('GFP_KERNEL|__GFP_NOMEMALLOC', '5.10', { memalloc: true }).fsReclaim).toBe(false);
  });
});
