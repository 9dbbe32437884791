import type { AllocEvent, FaultpathEvent, MaskFact } from '@faultpath/lockdep';
import type { TraceFault } from './classify/fault-record.ts';

/** `GFP_NOFS (recorded)`; a mask that is not known says so. */
function mask(fact: MaskFact): string {
  return fact.text === undefined ? 'not recorded' : `${fact.text} (${fact.how})`;
}

function allocation(event: AllocEvent): string {
  const order = event.order === undefined || event.order === 0 ? '' : ` order ${event.order}`;
  const charged = event.charged === true ? ', charged' : '';
  const requested = event.requested.how === 'unknown' ? '' : `, requested ${mask(event.requested)}`;
  return `alloc ${event.site}${order}: effective ${mask(event.effective)}${requested}${charged}`;
}

function line(event: FaultpathEvent): string | undefined {
  switch (event.type) {
    case 'lock': {
      const verb = event.action === 'release' ? '-' : event.action === 'contended' ? '?' : '+';
      const how = [event.mode, event.trylock === true ? 'trylock' : undefined].filter((word) => word !== undefined);
      const owner = event.owner === undefined ? '' : ` of ${event.owner.object}`;
      const by = event.backtrace?.[0] === undefined || event.action === 'release' ? '' : ` by ${event.backtrace[0]}`;
      return event.action === 'release'
        ? `${verb} ${event.lock}`
        : `${verb} ${event.lock} (${how.join(', ')}) ${event.instance}${owner}${by}`;
    }
    case 'scope':
      return event.action === 'enter' ? `{ ${event.scope} by ${event.by}` : `} ${event.scope}`;
    case 'alloc':
      return allocation(event);
    case 'reclaim':
      return event.action === 'enter'
        ? `reclaim (${event.via}) with ${mask(event.effective)} {`
        : `} reclaim (${event.via})`;
    case 'lost':
      return 'events lost';
    default:
      return undefined;
  }
}

/** Whether the event opens or closes what is indented under it. */
function shift(event: FaultpathEvent): number {
  if (event.type === 'lock') return event.action === 'acquired' ? 1 : event.action === 'release' ? -1 : 0;
  if (event.type === 'scope' || event.type === 'reclaim') return event.action === 'enter' ? 1 : -1;
  return 0;
}

/** A fault for people: one line an event, indented by what is held and open. */
export function renderFault(fault: TraceFault): string {
  const ret = fault.ret === undefined ? '' : `, returned ${fault.ret.length === 0 ? '0' : fault.ret.join('|')}`;
  const where = fault.where.line === undefined ? `record ${fault.where.record ?? '?'}` : `line ${fault.where.line}`;
  const what = [fault.fs, fault.kind].filter((word) => word !== undefined).join(' ');
  const at = fault.address === undefined ? '' : ` at ${fault.address}`;
  const inode = fault.inode === undefined ? '' : ` of ${fault.inode}`;
  const lines = [
    `${what}${inode}${at}, task ${fault.task}, ${where}, ${fault.where.timestamp ?? '?'} s${ret}${fault.complete ? '' : ' (not complete)'}`,
  ];
  let depth = 1;
  for (const event of fault.events) {
    const text = line(event);
    if (text === undefined) continue;
    const change = shift(event);
    if (change < 0) depth = Math.max(1, depth - 1);
    lines.push(`${'  '.repeat(depth)}${text}`);
    if (change > 0) depth += 1;
  }
  for (const reclaim of fault.reclaims) {
    const by =
      reclaim.enteredBy === undefined ? 'an allocation that the recording does not show' : reclaim.enteredBy.site;
    const took = reclaim.took.length === 0 ? 'no lock' : reclaim.took.join(', ');
    lines.push(`  ${reclaim.via} reclaim with ${mask(reclaim.effective)} was entered by ${by} and took ${took}`);
  }
  if (fault.dropped > 0) lines.push(`  … and ${fault.dropped} more events`);
  return lines.join('\n');
}
