import { impossibleBits } from './bits.ts';
import { explainGfpContext, type GfpScopeStep, type GfpScopes } from './context.ts';
import { EFFECTS } from './data/effects.ts';
import { formatInLayout, hexGfp } from './format.ts';
import type { GfpOptions } from './layout.ts';
import { hasFlag, mayInvokeOomKiller } from './predicates.ts';
import { gfpRelease } from './release.ts';
import { settle } from './settle.ts';

/** One flag that is set. */
export interface GfpFlagFact {
  readonly name: string;
  readonly mask: number;
  readonly effect: string;
}

/** What a mask permits, once the scopes were applied. */
export interface GfpPermissions {
  readonly mayBlock: boolean;
  readonly mayDoIo: boolean;
  readonly mayEnterFs: boolean;
  readonly wakesKswapd: boolean;
  readonly mayInvokeOomKiller: boolean;
  readonly mustNotFail: boolean;
  readonly hasNolockdep: boolean;
}

/** `explainGfp`'s answer: data first, then the same in sentences. */
export interface GfpExplanation {
  /** The mask as given, and as the allocator sees it. */
  readonly mask: number;
  readonly effective: number;
  readonly hex: string;
  /** The release's own spelling of the mask as given; `none` for 0. */
  readonly names: string;
  /** The same of the mask as the allocator sees it. */
  readonly effectiveNames: string;
  readonly series: string;
  readonly layout: string;
  readonly flags: readonly GfpFlagFact[];
  readonly scopes: readonly GfpScopeStep[];
  readonly permissions: GfpPermissions;
  readonly sentences: readonly string[];
  /** The sentences, one a line. */
  readonly text: string;
}

export interface ExplainGfpOptions extends GfpOptions {
  /** Task scopes that are open where the allocation is made. */
  readonly scopes?: GfpScopes;
}

/**
 * Says what a mask means: its flags, what the allocator may do for it, and what each open task scope changed.
 * @throws GfpError `GFP_BIT_IMPOSSIBLE` for bits that the release never sets; the codes of `currentGfpContext` besides
 */
export function explainGfp(mask: number, options: ExplainGfpOptions): GfpExplanation {
  const context = explainGfpContext(mask, options.scopes ?? {}, options);
  const release = gfpRelease(options.kernel);
  const facts = settle(mask, options, 'the flags', (layout) => {
    if ((mask & ~layout.allBits) !== 0) throw impossibleBits(mask, layout.allBits, release.series, options.config);
    return {
      names: formatInLayout(mask, layout, layout.printkNames ? 'trace' : undefined),
      effectiveNames: formatInLayout(context.mask, layout, 'trace'),
      flags: [...layout.bits].filter(([, bit]) => (mask & bit) !== 0).map(flagFact),
    };
  });
  const permissions = permissionsOf(context.mask, options);
  const sentences = [
    `${hexGfp(mask)} is ${facts.names === 'none' ? 'no flag at all' : facts.names} in ${release.series}.`,
    ...context.steps.map((step) => scopeSentence(step)),
    ...(context.mask === mask ? [] : [`The allocator sees ${hexGfp(context.mask)}, ${facts.effectiveNames}.`]),
    ...permissionSentences(permissions, options.scopes),
    ...otherFlags(facts.flags),
  ];
  return {
    mask,
    effective: context.mask,
    hex: hexGfp(mask),
    names: facts.names,
    effectiveNames: facts.effectiveNames,
    series: release.series,
    layout: release.layouts.join(' or '),
    flags: facts.flags,
    scopes: context.steps,
    permissions,
    sentences,
    text: sentences.join('\n'),
  };
}

function flagFact([name, mask]: [string, number]): GfpFlagFact {
  const effect = EFFECTS[name.slice('__GFP_'.length)];
  if (effect === undefined) throw new Error(`${name} has no explanation`);
  return { name, mask, effect };
}

/** What a mask permits, as data. The mask is the allocator's: scopes already applied. */
export function permissionsOf(mask: number, options: GfpOptions): GfpPermissions {
  const oom = mayInvokeOomKiller(mask, options);
  return settle(mask, options, 'what it permits', (layout) => {
    const has = (name: string) => hasFlag(mask, layout, name);
    const mayBlock = has('__GFP_DIRECT_RECLAIM');
    return {
      mayBlock,
      mayDoIo: mayBlock && has('__GFP_IO'),
      mayEnterFs: mayBlock && has('__GFP_FS'),
      wakesKswapd: has('__GFP_KSWAPD_RECLAIM'),
      mayInvokeOomKiller: oom,
      mustNotFail: has('__GFP_NOFAIL'),
      hasNolockdep: has('__GFP_NOLOCKDEP'),
    };
  });
}

function scopeSentence(step: GfpScopeStep): string {
  if (step.hiddenBy !== undefined) return `The scope ${step.flag} is not looked at: ${step.hiddenBy} comes first.`;
  const changes = [
    ...(step.cleared.length > 0 ? [`takes out ${step.cleared.join(' and ')}`] : []),
    ...(step.added.length > 0 ? [`adds ${step.added.join(' and ')}`] : []),
  ];
  return `The scope ${step.flag} ${changes.length > 0 ? changes.join(' and ') : 'changes nothing in this mask'}.`;
}

function permissionSentences(permissions: GfpPermissions, scopes: GfpScopes = {}): string[] {
  const sentences: string[] = [];
  if (permissions.mayBlock && scopes.memalloc === true) {
    sentences.push('The task is reclaiming already (PF_MEMALLOC): it does not enter reclaim again.');
  } else if (permissions.mayBlock) {
    sentences.push('The caller may reclaim memory itself, and so may sleep.');
    sentences.push(
      permissions.mayDoIo
        ? 'That reclaim may start block I/O.'
        : 'That reclaim starts no block I/O, and does not compact.',
    );
    sentences.push(
      permissions.mayEnterFs
        ? 'It may call into filesystems: no lock that a filesystem needs to give memory back may be held here.'
        : 'It does not call into filesystems.',
    );
  } else {
    sentences.push('The caller never sleeps for it: no reclaim of its own, whatever the I/O and filesystem bits say.');
  }
  sentences.push(permissions.wakesKswapd ? 'Low memory wakes kswapd.' : 'It does not wake kswapd.');
  sentences.push(
    permissions.mayInvokeOomKiller
      ? 'Up to order 3, it may end in the OOM killer.'
      : 'It does not invoke the OOM killer.',
  );
  return sentences;
}

const TOLD_ABOVE = new Set(['__GFP_DIRECT_RECLAIM', '__GFP_KSWAPD_RECLAIM', '__GFP_IO', '__GFP_FS']);

function otherFlags(flags: readonly GfpFlagFact[]): string[] {
  return flags.filter((flag) => !TOLD_ABOVE.has(flag.name)).map((flag) => `${flag.name}: ${flag.effect}.`);
}
