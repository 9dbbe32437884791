import { describe, expect, it } from 'vitest';
import { currentGfpContext, explainGfpContext, formatGfp, GfpError, type GfpScopes, gfp } from '../../src/gfp/index.ts';

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof GfpError) return error.code;
    throw error;
  }
  return 'no error';
}

/** The names of GFP_KERNEL|__GFP_MOVABLE under some scopes. */
function under(kernel: string, scopes: GfpScopes, cma?: boolean): string {
  const options = { kernel, ...(cma === undefined ? {} : { config: { cma } }) };
  return formatGfp(currentGfpContext(gfp('GFP_KERNEL|__GFP_MOVABLE', options), scopes, options), options);
}

const PLAIN = 'GFP_KERNEL|__GFP_MOVABLE';

describe('currentGfpContext', () => {
  it('changes nothing without a scope, or with one that is false', () => {
    for (const kernel of ['4.9', '4.12', '5.5', '6.1', '6.10', '7.2']) {
      expect(under(kernel, {})).toBe(PLAIN);
      expect(currentGfpContext(0, { noio: true }, { kernel })).toBe(0);
    }
    expect(under('4.9', { nofs: false })).toBe(PLAIN);
  });

  it.each([
    ['4.9', { noio: true }, 'GFP_NOIO|__GFP_MOVABLE'],
    ['4.12', { noio: true }, 'GFP_NOIO|__GFP_MOVABLE'],
    ['4.12', { nofs: true }, 'GFP_NOFS|__GFP_MOVABLE'],
    ['4.12', { noio: true, nofs: true }, 'GFP_NOIO|__GFP_MOVABLE'],
    ['6.1', { nofs: true }, 'GFP_NOFS|__GFP_MOVABLE'],
    ['7.2', { nofs: true }, 'GFP_NOFS|__GFP_MOVABLE'],
    // CMA: 5.1 to 5.8 take __GFP_MOVABLE out of the mask, 5.9 to 5.12 keep it.
    ['5.1', { nocma: true }, 'GFP_KERNEL'],
    ['5.8', { nocma: true }, 'GFP_KERNEL'],
    ['5.9', { nocma: true }, PLAIN],
    ['5.8', { nocma: true, nofs: true }, 'GFP_NOFS'],
    // Pinning takes it out again, from 5.14 on, whatever else is open.
    ['5.14', { pin: true }, 'GFP_KERNEL'],
    ['6.1', { pin: true, nofs: true }, 'GFP_NOFS'],
    // 6.9 to 6.11: NORECLAIM comes before NOIO and NOFS, and hides them.
    ['6.9', { noreclaim: true }, '__GFP_KSWAPD_RECLAIM|__GFP_IO|__GFP_FS|__GFP_MOVABLE'],
    ['6.11', { noreclaim: true, nofs: true, noio: true }, '__GFP_KSWAPD_RECLAIM|__GFP_IO|__GFP_FS|__GFP_MOVABLE'],
    ['6.10', { nowarn: true }, 'GFP_KERNEL|__GFP_NOWARN|__GFP_MOVABLE'],
    ['6.10', { nowarn: true, nofs: true, pin: true }, 'GFP_NOFS|__GFP_NOWARN'],
    ['6.1', { memalloc: true }, PLAIN],
  ] as const)('%s with %o', (kernel, scopes, names) => {
    const sorted = (text: string) => text.split('|').sort();
    expect(sorted(under(kernel, scopes))).toEqual(sorted(names));
  });

  it('needs CONFIG_CMA for NOCMA', () => {
    expect(under('5.4', { nocma: true }, false)).toBe(PLAIN);
    expect(under('5.4', { nocma: true }, true)).toBe('GFP_KERNEL');
  });

  it.each([
    ['4.11', { nofs: true }],
    ['4.18', { nocma: true }],
    ['5.0', { nocma: true }],
    ['5.14', { nocma: true }],
    ['5.12', { pin: true }],
    ['6.8', { noreclaim: true }],
    ['6.12', { noreclaim: true }],
    ['6.12', { nowarn: true }],
  ] as const)('%s has no scope %o', (kernel, scopes) => {
    expect(codeOf(() => currentGfpContext(0, scopes, { kernel }))).toBe('GFP_SCOPE_NOT_IN_RELEASE');
  });

  it("gives RHEL 8's 4.18 the scopes of 5.1", () => {
    expect(under('4.18.0-240.el8_3', { nocma: true })).toBe('GFP_KERNEL');
  });

  it('leaves 5.13 open where its neighbours differ', () => {
    expect(codeOf(() => currentGfpContext(0, { pin: true }, { kernel: '5.13' }))).toBe('GFP_KERNEL_AMBIGUOUS');
    expect(currentGfpContext(0xcc0, { nofs: true }, { kernel: '5.13' })).toBe(0xc40);
  });

  it('refuses a scope that nobody has', () => {
    expect(codeOf(() => currentGfpContext(0, { nosleep: true } as GfpScopes, { kernel: '6.1' }))).toBe(
      'GFP_OPTION_INVALID',
    );
  });
});

describe('explainGfpContext', () => {
  it('says what each scope did, and which one hid another', () => {
    expect(explainGfpContext(0xcc0, { noio: true, nofs: true }, { kernel: '6.1' })).toEqual({
      mask: 0xc00,
      steps: [
        { scope: 'noio', flag: 'PF_MEMALLOC_NOIO', cleared: ['__GFP_IO', '__GFP_FS'], added: [] },
        { scope: 'nofs', flag: 'PF_MEMALLOC_NOFS', cleared: [], added: [], hiddenBy: 'noio' },
      ],
    });
  });

  it('does not claim what was clear already', () => {
    expect(explainGfpContext(0xc40, { nofs: true }, { kernel: '6.1' }).steps[0]?.cleared).toEqual([]);
  });
});
