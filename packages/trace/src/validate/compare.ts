import type { AllocEvent, MaskFact, ValidationVocabulary } from '@faultpath/lockdep';
import { gfp } from '@faultpath/mm/gfp';
import type { ModelStep } from './automaton.ts';
import type { RecordedStep } from './project.ts';

/** Says whether a step of the model is this event of the recording. */
export type Compare = (recorded: RecordedStep, step: ModelStep) => boolean;

/** Makes the comparison for recordings of one release; masks are compared flag by flag. */
export function createCompare(vocabularies: readonly ValidationVocabulary[], kernel: string): Compare {
  const bits = new Map<string, number | undefined>();
  const bitsOf = (text: string): number | undefined => {
    if (!bits.has(text)) bits.set(text, read(text, kernel));
    return bits.get(text);
  };
  const sites = siteNames(vocabularies);
  const locks = new Map(vocabularies.flatMap((each) => Object.entries(each.locks ?? {})));

  const sameMask = (recorded: MaskFact, model: MaskFact): boolean => {
    if (recorded.how === 'unknown' || recorded.text === undefined || model.text === undefined) return true;
    if (recorded.text === model.text) return true;
    const [left, right] = [bitsOf(recorded.text), bitsOf(model.text)];
    return left !== undefined && left === right;
  };

  const early = new Set(vocabularies.flatMap((each) => Object.keys(each.early ?? {})));

  const sameAllocation = (recorded: AllocEvent, model: Omit<AllocEvent, 'task'>): boolean =>
    (recorded.site === model.site || sites.get(recorded.site)?.includes(model.site) === true) &&
    sameMask(recorded.requested, model.requested) &&
    ((early.has(recorded.site) && recorded.effective.how === 'derived') ||
      sameMask(recorded.effective, model.effective));

  return ({ event, odd }, { event: model }) => {
    if (odd !== undefined) return false;
    switch (event.type) {
      case 'lock':
        return (
          model.type === 'lock' &&
          (model.lock === event.lock || model.lock === locks.get(event.lock)) &&
          model.action === event.action &&
          (event.action === 'release' || model.mode === event.mode)
        );
      case 'scope':
        return model.type === 'scope' && model.scope === event.scope && model.action === event.action;
      case 'alloc':
        return model.type === 'alloc' && sameAllocation(event, model);
    }
  };
}

/** The model's sites that each name of a recording may stand for, from every vocabulary that has a row for it. */
export function siteNames(vocabularies: readonly ValidationVocabulary[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  for (const [name, sites] of vocabularies.flatMap((each) => Object.entries(each.sites ?? {}))) {
    names.set(name, [...(names.get(name) ?? []), ...sites]);
  }
  return names;
}

/** A name that the release does not have leaves the mask unread; then only equal spelling is equal. */
function read(text: string, kernel: string): number | undefined {
  try {
    return gfp(text, { kernel });
  } catch {
    return undefined;
  }
}
