import { ConformanceError } from '@faultpath/conformance';
import { edgesOf, type SplatModel, type SplatReading } from '@faultpath/lockdep';
import { type EraName, eraNames } from '@faultpath/mm';
import { type Change, changes } from './splat/changes.ts';
import { type Explored, exploreCases } from './splat/explore.ts';
import { type About, changedModel, isSame, releasedModel, silentModel } from './splat/model.ts';
import { eraOf, isAbout, type NamedFilesystem, namedFilesystems, namesBothEnds } from './splat/names.ts';

/** What to ask, and about what. */
export interface SplatModelsOptions {
  /** Name of one bundled filesystem; without it those whose functions a report shows, or all. */
  readonly fs?: string;
  /** Without it the newest modelled release that is not younger than the one a report prints, or v6.1. */
  readonly era?: string;
  /** Hears what is being explored. */
  readonly onProgress?: (line: string) => void;
}

/** What most reports and all shared recordings of lockdep are about. */
const DEFAULT_ERA: EraName = 'v6.1';

/**
 * The bundled filesystems as models for `answerSplat` and `answerSilence`. Explores a few small cases of each that a
 * report can be about, as released, and once more with the changes that the reports or the header show.
 *
 * @throws ConformanceError CONFORMANCE_UNKNOWN_VALUE
 */
export async function splatModels(
  reading: SplatReading,
  options: SplatModelsOptions = {},
): Promise<readonly SplatModel[]> {
  const era = chosenEra(reading, options.era);
  const models: SplatModel[] = [];
  for (const named of chosenFilesystems(reading, options.fs)) {
    if (!named.fs.supports.eras.includes(era)) continue;
    models.push(...(await modelsOf(named, era, reading, options.onProgress ?? (() => undefined))));
  }
  return models;
}

function chosenEra({ reports }: SplatReading, asked: string | undefined): EraName {
  if (asked !== undefined) {
    const known = eraNames.find((name) => name === asked);
    if (known !== undefined) return known;
    throw new ConformanceError(
      'CONFORMANCE_UNKNOWN_VALUE',
      'era',
      `there is no '${asked}'; known: ${eraNames.join(', ')}`,
    );
  }
  const printed = reports.find(({ kernel }) => kernel !== undefined)?.kernel;
  return (printed === undefined ? undefined : eraOf(printed, eraNames)) ?? DEFAULT_ERA;
}

function chosenFilesystems({ reports, notes }: SplatReading, asked: string | undefined): readonly NamedFilesystem[] {
  if (asked !== undefined) {
    const found = namedFilesystems.filter(({ fs }) => fs.name === asked);
    if (found.length > 0) return found;
    const known = namedFilesystems.map(({ fs }) => fs.name).join(', ');
    throw new ConformanceError('CONFORMANCE_UNKNOWN_VALUE', 'fs', `there is no '${asked}'; known: ${known}`);
  }
  const named =
    reports.length > 0
      ? namedFilesystems.filter((each) => reports.some((report) => isAbout(each, report)))
      : namedFilesystems.filter(({ fs }) => notes.some((note) => new RegExp(`\\b${fs.name}\\b`).test(note)));
  return named.length > 0 ? named : namedFilesystems;
}

async function modelsOf(
  named: NamedFilesystem,
  era: EraName,
  reading: SplatReading,
  say: (line: string) => void,
): Promise<readonly SplatModel[]> {
  const { fs, names } = named;
  const about: readonly About[] = reading.reports.length > 0 ? reading.reports : [{ silent: reading.notes }];
  // Nothing has to be explored for a report that names no lock of this model.
  const worth = (each: About): boolean => 'silent' in each || edgesOf(each).some((edge) => namesBothEnds(named, edge));
  const wanted = about.filter((each) => worth(each) || changesIn(each).length > 0);
  const release = `${fs.name} ${era}`;
  if (wanted.length === 0) return [silentModel(named, release)];
  const explore = (applied: readonly Change[]): Promise<Explored> =>
    exploreCases({
      fs: applied.reduce((changed, { change }) => change(changed) ?? changed, fs),
      era,
      declared: names.declared ?? [],
      allocationFailure: applied.some(({ allocationFailure }) => allocationFailure === true),
      say,
    });
  const released = await explore([]);
  const models = [releasedModel(named, release, released)];
  const applicable = (each: About): readonly Change[] =>
    changesIn(each).filter(({ change }) => change(fs) !== undefined);
  const nameOf = (each: About): string => [release, ...applicable(each).map(({ id }) => id)].join('+');
  const changed = new Map(wanted.map((each) => [nameOf(each), applicable(each)]));
  changed.delete(release);
  for (const [name, applied] of changed) {
    const title = applied.map((change) => change.title).join(', and ');
    const isMeant = (each: About): boolean => nameOf(each) === name;
    const explored = await explore(applied);
    // A release that is so already is not changed.
    if (isSame(explored, released)) continue;
    models.push(changedModel(named, { name, title, isMeant }, explored, released));
  }
  return models;
}

/** What the backtraces of a report, or the header of a silent run, say was changed. */
function changesIn(about: About): readonly Change[] {
  if ('silent' in about) return changes.filter(({ says }) => about.silent.some((note) => says.test(note)));
  const edges = edgesOf(about);
  return changes.filter(({ makes }) => edges.some(makes));
}
