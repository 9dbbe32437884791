import { CHAIN, SCOPE_ROWS, type ScopeRow, UNSETTLED_SCOPES } from './data/scopes.ts';
import { GfpError } from './errors.ts';
import { ambiguous, type GfpLayout, type GfpOptions } from './layout.ts';
import { type GfpRelease, gfpSeries, seriesIndex, seriesRanges } from './release.ts';
import { settle } from './settle.ts';

/** The task scopes that are open. `memalloc` is `PF_MEMALLOC`; it changes no mask, but decides who may reclaim. */
export interface GfpScopes {
  readonly nofs?: boolean;
  readonly noio?: boolean;
  readonly pin?: boolean;
  readonly nocma?: boolean;
  readonly noreclaim?: boolean;
  readonly nowarn?: boolean;
  readonly memalloc?: boolean;
}

/** One scope at work on a mask. */
export interface GfpScopeStep {
  readonly scope: keyof GfpScopes;
  /** The task flag: `PF_MEMALLOC_NOFS`. */
  readonly flag: string;
  /** Flags that it took out of, or put into, this mask; both empty when it changed nothing. */
  readonly cleared: readonly string[];
  readonly added: readonly string[];
  /** The scope that acted instead: an outer arm of the chain hides NOIO and NOFS. */
  readonly hiddenBy?: keyof GfpScopes;
}

/**
 * The mask that the allocator works with: the caller's mask after the task's scopes were applied, by the rule of the
 * release. Scopes that are false or absent do nothing.
 * Source: current_gfp_context(), read from 4.4 (memalloc_noio_flags()) to 7.1.
 * @throws GfpError `GFP_SCOPE_NOT_IN_RELEASE` for a scope that the release lacks (NOFS before 4.12); the codes of
 * `formatGfp` besides
 */
export function currentGfpContext(mask: number, scopes: GfpScopes, options: GfpOptions): number {
  return explainGfpContext(mask, scopes, options).mask;
}

/** As `currentGfpContext`, with what each open scope did. */
export function explainGfpContext(
  mask: number,
  scopes: GfpScopes,
  options: GfpOptions,
): { readonly mask: number; readonly steps: readonly GfpScopeStep[] } {
  return settle(mask, options, 'the mask in context', (layout, release) => {
    checkScopes(scopes, release);
    const steps: GfpScopeStep[] = [];
    let effective = mask;
    let chain: keyof GfpScopes | undefined;
    for (const row of SCOPE_ROWS) {
      if (scopes[row.scope] !== true) continue;
      const inChain = CHAIN.includes(row.scope);
      if (inChain && chain !== undefined) {
        steps.push({ scope: row.scope, flag: row.flag, cleared: [], added: [], hiddenBy: chain });
        continue;
      }
      if (inChain) chain = row.scope;
      const idle = isIdle(row, release, options);
      const cleared = idle ? [] : flagsIn(row.clear, layout).filter(([, bit]) => (effective & bit) !== 0);
      const added = idle ? [] : flagsIn(row.set, layout).filter(([, bit]) => (effective & bit) === 0);
      for (const [, bit] of cleared) effective = (effective & ~bit) >>> 0;
      for (const [, bit] of added) effective = (effective | bit) >>> 0;
      steps.push({ scope: row.scope, flag: row.flag, cleared: cleared.map(nameOf), added: added.map(nameOf) });
    }
    return { mask: effective, steps };
  });
}

function isIdle(row: ScopeRow, release: GfpRelease, options: GfpOptions): boolean {
  if (row.scope === 'nocma' && options.config?.cma === false) return true;
  return row.effectiveTo !== undefined && release.index > seriesIndex(row.effectiveTo);
}

function flagsIn(names: string | undefined, layout: GfpLayout): [string, number][] {
  if (names === undefined) return [];
  return names.split(' ').flatMap((name) => {
    const bit = layout.bits.get(name);
    return bit === undefined ? [] : [[name, bit] as [string, number]];
  });
}

function nameOf([name]: [string, number]): string {
  return name;
}

function checkScopes(scopes: GfpScopes, release: GfpRelease): void {
  for (const [name, open] of Object.entries(scopes)) {
    if (open !== true) continue;
    const row = SCOPE_ROWS.find((candidate) => candidate.scope === name);
    if (row === undefined) throw new GfpError('GFP_OPTION_INVALID', `'${name}' is no task scope`);
    if (release.series === UNSETTLED_SCOPES.series && (UNSETTLED_SCOPES.scopes as readonly string[]).includes(name)) {
      throw ambiguous(release, 'its PF_MEMALLOC_NOCMA or PF_MEMALLOC_PIN');
    }
    if (!existsIn(row, release)) {
      const fits = gfpSeries().filter((series) => existsAt(row, seriesIndex(series)));
      throw new GfpError(
        'GFP_SCOPE_NOT_IN_RELEASE',
        `${release.series} has no ${row.flag}; it exists in ${seriesRanges(fits)}`,
        fits,
      );
    }
  }
}

function existsIn(row: ScopeRow, release: GfpRelease): boolean {
  // RHEL 8 numbers its kernels 4.18 and has the scope rules of 5.1.
  const index = release.vendor === 'rhel8' ? seriesIndex('5.1') : release.index;
  return existsAt(row, index);
}

function existsAt(row: ScopeRow, index: number): boolean {
  if (row.fromSeries !== undefined && index < seriesIndex(row.fromSeries)) return false;
  return row.toSeries === undefined || index <= seriesIndex(row.toSeries);
}
