import type { AllocEvent, MaskFact, Where } from '@faultpath/lockdep';
import type { ModelStep } from './automaton.ts';
import type { RecordedStep } from './project.ts';

type Told = RecordedStep['event'] | ModelStep['event'];

function mask({ text, how }: MaskFact): string {
  return text === undefined || how === 'unknown' ? 'unknown' : text;
}

function allocation({ site, requested, effective }: Omit<AllocEvent, 'task'>): string {
  const asked = requested.how === 'unknown' ? '' : `, requested ${mask(requested)}`;
  return `alloc ${site}: effective ${mask(effective)}${asked}`;
}

/** A step of a recording or of a model, for people. */
export function tell(event: Told): string {
  switch (event.type) {
    case 'lock':
      return event.action === 'release' ? `drops ${event.lock}` : `takes ${event.lock} (${event.mode})`;
    case 'scope':
      return `${event.action === 'enter' ? 'opens' : 'closes'} the ${event.scope} scope`;
    case 'alloc':
      return allocation(event);
  }
}

/** Where in the recording something stands. */
export function at(where: Where | undefined): string {
  if (where?.line !== undefined) return `line ${where.line}`;
  return where?.record === undefined ? 'nowhere' : `record ${where.record}`;
}
