import { GfpError } from './errors.ts';
import {
  ambiguous,
  buildLayout,
  configsMatching,
  type GfpConfig,
  type GfpLayout,
  type GfpLayoutConfig,
  type GfpOptions,
} from './layout.ts';
import { type GfpRelease, gfpRelease } from './release.ts';

/**
 * Checks that a number can be a gfp mask.
 * @throws GfpError `GFP_MASK_INVALID`
 */
export function checkMask(mask: number): void {
  if (!Number.isInteger(mask) || mask < 0 || mask > 0xffffffff) {
    throw new GfpError('GFP_MASK_INVALID', `${mask} is no gfp mask: it must be a whole number from 0 to 0xffffffff`);
  }
}

/** The layout of an id for a mask: of the configurations that agree with what is known, the first that has all bits. */
export function layoutFor(id: string, mask: number, config?: GfpConfig): GfpLayout {
  const configs = configsMatching(config);
  for (const full of configs) {
    const layout = buildLayout(id, full);
    if ((mask & ~layout.allBits) === 0) return layout;
  }
  return buildLayout(id, configs[0] as GfpLayoutConfig);
}

/**
 * Answers a question about a mask for a release. Where the release has two candidate layouts, those that can't set the
 * mask's bits are left out, and the rest must agree: a guess is never given.
 * @throws GfpError `GFP_KERNEL_UNKNOWN`, `GFP_MASK_INVALID`, or `GFP_KERNEL_AMBIGUOUS` where candidates disagree.
 */
export function settle<T>(
  mask: number,
  options: GfpOptions,
  what: string,
  answer: (layout: GfpLayout, release: GfpRelease) => T,
): T {
  checkMask(mask);
  const release = gfpRelease(options.kernel);
  const [only, second] = release.layouts;
  if (second === undefined) return answer(layoutFor(only as string, mask, options.config), release);
  const layouts = release.layouts.map((id) => layoutFor(id, mask, options.config));
  const possible = layouts.filter((layout) => (mask & ~layout.allBits) === 0);
  const answers = (possible.length > 0 ? possible : layouts).map((layout) => answer(layout, release));
  const texts = answers.map((value) => JSON.stringify(value));
  if (texts.some((text) => text !== texts[0])) {
    throw ambiguous(release, `${what} of 0x${mask.toString(16)} is ${texts.join(' or ')}`);
  }
  return answers[0] as T;
}
