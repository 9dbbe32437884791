/** The part of a package.json that says what to build. */
export interface BuildManifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, unknown>>>>;
}

const SOURCE = '@faultpath/source';

/**
 * What tsup has to build, from the package's own `exports`: the output's name ("." is `index`, "./gfp" is `gfp`) to
 * the file its `@faultpath/source` condition names. A subpath without that condition is an asset and isn't built.
 *
 * @throws Error when no subpath has a source, or when an `import` doesn't point at what would be built
 */
export function entriesOf({ name, exports }: BuildManifest): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const [subpath, conditions] of Object.entries(exports)) {
    if (typeof conditions === 'string') continue;
    const source = conditions[SOURCE];
    if (typeof source !== 'string') continue;
    const output = subpath === '.' ? 'index' : subpath.slice('./'.length);
    const target = importTarget(conditions);
    if (target !== `./dist/${output}.js`) {
      throw new Error(`${name}: exports "${subpath}" is built to ./dist/${output}.js, but "import" names ${target}`);
    }
    entries[output] = source;
  }
  if (Object.keys(entries).length === 0) throw new Error(`${name}: no subpath in exports has the condition ${SOURCE}`);
  return entries;
}

function importTarget(conditions: Readonly<Record<string, unknown>>): string | undefined {
  const target = conditions['import'];
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return undefined;
  const fallback = (target as Record<string, unknown>)['default'];
  return typeof fallback === 'string' ? fallback : undefined;
}
