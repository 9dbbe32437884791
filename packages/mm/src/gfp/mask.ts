import { GfpError } from './errors.ts';
import { ambiguous, buildLayout, configsMatching, type GfpLayout, type GfpOptions, sourceName } from './layout.ts';
import { type GfpRelease, gfpRelease, gfpSeries, seriesRanges } from './release.ts';

/**
 * Builds a mask from names: `gfp('GFP_KERNEL', …)`, `gfp(['GFP_NOFS', '__GFP_ZERO'], …)`, `gfp('GFP_NOFS|__GFP_ZERO', …)`.
 * Takes every single flag and combined name of the release, also those that its printer doesn't know. A flag whose
 * option is off by configuration is an error; if the configuration doesn't say, it is taken as on.
 * @throws GfpError `GFP_NAME_UNKNOWN`, `GFP_NAME_NOT_IN_RELEASE` (`fits` says where the name exists),
 * `GFP_KERNEL_UNKNOWN`, `GFP_KERNEL_AMBIGUOUS`
 */
export function gfp(names: string | readonly string[], options: GfpOptions): number {
  const list = typeof names === 'string' ? names.split('|') : names;
  const release = gfpRelease(options.kernel);
  const wanted = list.map((name) => name.trim()).filter((name) => name !== '');
  const masks = new Set<number>();
  let failure: GfpError | undefined;
  for (const id of release.layouts) {
    try {
      masks.add(maskInLayout(wanted, id, options, release));
    } catch (error) {
      if (!(error instanceof GfpError)) throw error;
      failure = error;
    }
  }
  if (masks.size > 1) {
    const texts = [...masks].map((mask) => `0x${mask.toString(16)}`);
    throw ambiguous(release, `${wanted.join('|')} is ${texts.join(' or ')}`);
  }
  for (const mask of masks) return mask;
  throw failure as GfpError;
}

function maskInLayout(names: readonly string[], id: string, options: GfpOptions, release: GfpRelease): number {
  const layouts = configsMatching(options.config).map((config) => buildLayout(id, config));
  // The likeliest configuration that has every name; bits may differ between configurations, so one must serve for all.
  const layout = layouts.find((candidate) => names.every((name) => maskOfName(name, candidate, release) !== undefined));
  if (layout !== undefined) {
    let mask = 0;
    for (const name of names) mask |= maskOfName(name, layout, release) as number;
    return mask >>> 0;
  }
  const missing = names.find((name) =>
    layouts.every((candidate) => maskOfName(name, candidate, release) === undefined),
  );
  throw unknownName(missing ?? names.join('|'), release);
}

/** The mask of one name in a layout; undefined where it has none. */
export function maskOfName(name: string, layout: GfpLayout, release: GfpRelease): number | undefined {
  return layout.bits.get(name) ?? layout.compounds.get(name) ?? sourceName(name, release, layout);
}

/** The error for a name that a release doesn't have. */
export function unknownName(name: string, release: GfpRelease): GfpError {
  const fits = seriesWithName(name);
  if (fits.length === 0) return new GfpError('GFP_NAME_UNKNOWN', `no known release has a gfp flag '${name}'`);
  const where = fits.includes(release.series)
    ? `${release.series} has '${name}' only with another configuration`
    : `${release.series} has no '${name}'; it exists in ${seriesRanges(fits)}`;
  return new GfpError('GFP_NAME_NOT_IN_RELEASE', where, fits);
}

/** Every series in which some configuration has the name. */
export function seriesWithName(name: string): readonly string[] {
  return gfpSeries().filter((series) => {
    const release = gfpRelease(series);
    return release.layouts.some((id) =>
      configsMatching().some((config) => maskOfName(name, buildLayout(id, config), release) !== undefined),
    );
  });
}
