/** An event of Chrome's trace format, with the members that its description names. */
export interface ChromeEvent {
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly name?: string;
  readonly cat?: string;
  readonly id?: number;
  readonly s?: string;
  readonly bp?: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

interface Span {
  readonly from: number;
  to: number;
}

/** What a phase needs beside `ph`, `pid` and `tid`. */
const NEEDS: Readonly<Record<string, readonly (keyof ChromeEvent)[]>> = {
  B: ['ts', 'name'],
  E: ['ts'],
  X: ['ts', 'name', 'dur'],
  i: ['ts', 'name', 's'],
  b: ['ts', 'name', 'cat', 'id'],
  e: ['ts', 'name', 'cat', 'id'],
  s: ['ts', 'name', 'cat', 'id'],
  f: ['ts', 'name', 'cat', 'id', 'bp'],
  M: ['name', 'args'],
};

/**
 * Where events are not what the format asks for: members of each phase, begin and end of duration, async and flow events
 * in pairs and in order, slices of one track that nest, and a slice under each end of an arrow. Empty when all is well.
 */
export function chromeFaults(events: readonly ChromeEvent[]): readonly string[] {
  const found: string[] = [];
  const open = new Map<string, Span[]>();
  const spans = new Map<string, Span[]>();
  const halves = new Map<string, number>();
  const arrows = new Map<number, ChromeEvent[]>();
  for (const [index, event] of events.entries()) {
    const at = `event ${index} (${event.ph})`;
    const needs = NEEDS[event.ph];
    if (needs === undefined) {
      found.push(`${at} is of no phase that is used here`);
      continue;
    }
    for (const name of needs) if (event[name] === undefined) found.push(`${at} has no ${name}`);
    for (const name of ['pid', 'tid'] as const) if (!Number.isInteger(event[name])) found.push(`${at} has no ${name}`);
    const ts = event.ts ?? 0;
    if (!Number.isFinite(ts) || ts < 0) found.push(`${at} has time ${ts}`);
    const track = `${event.pid}/${event.tid}`;
    const half = `${event.cat} ${event.id} ${event.name}`;
    switch (event.ph) {
      case 'B': {
        const span = { from: ts, to: Number.POSITIVE_INFINITY };
        open.set(track, [...(open.get(track) ?? []), span]);
        spans.set(track, [...(spans.get(track) ?? []), span]);
        break;
      }
      case 'E': {
        const span = open.get(track)?.pop();
        if (span === undefined) found.push(`${at} ends what nobody began`);
        else if (ts < span.from) found.push(`${at} ends before it begins`);
        if (span !== undefined) span.to = ts;
        break;
      }
      case 'X':
        if ((event.dur ?? 0) < 0) found.push(`${at} has duration ${event.dur}`);
        spans.set(track, [...(spans.get(track) ?? []), { from: ts, to: ts + (event.dur ?? 0) }]);
        break;
      case 'i':
        if (!['g', 'p', 't'].includes(event.s ?? '')) found.push(`${at} has scope ${event.s}`);
        break;
      case 'b':
        if (halves.has(half)) found.push(`${at} begins ${half} again`);
        halves.set(half, ts);
        break;
      case 'e':
        if (ts < (halves.get(half) ?? Number.POSITIVE_INFINITY)) found.push(`${at} ends ${half} before it begins`);
        halves.delete(half);
        break;
      case 's':
      case 'f':
        arrows.set(event.id ?? -1, [...(arrows.get(event.id ?? -1) ?? []), event]);
        break;
      default:
        break;
    }
  }
  for (const [track, left] of open) if (left.length > 0) found.push(`${left.length} slices of ${track} have no end`);
  for (const half of halves.keys()) found.push(`${half} has no end`);
  for (const [track, list] of spans) found.push(...overlaps(list).map((why) => `${track}: ${why}`));
  for (const [id, ends] of arrows) found.push(...arrowFaults(id, ends, spans));
  return found;
}

/** Slices of one track lie in or beside each other. */
function overlaps(list: readonly Span[]): readonly string[] {
  const found: string[] = [];
  const around: Span[] = [];
  for (const span of [...list].sort((one, other) => one.from - other.from || other.to - one.to)) {
    while ((around.at(-1)?.to ?? Number.POSITIVE_INFINITY) <= span.from) around.pop();
    const outer = around.at(-1);
    if (outer !== undefined && span.to > outer.to)
      found.push(`${span.from}-${span.to} leaves ${outer.from}-${outer.to}`);
    around.push(span);
  }
  return found;
}

function arrowFaults(
  id: number,
  ends: readonly ChromeEvent[],
  spans: ReadonlyMap<string, readonly Span[]>,
): readonly string[] {
  const [start, end, ...more] = ends;
  if (start?.ph !== 's' || end?.ph !== 'f' || more.length > 0) return [`arrow ${id} has no two ends`];
  if (start.cat !== end.cat || start.name !== end.name) return [`arrow ${id} has ends of two kinds`];
  if ((end.ts ?? 0) < (start.ts ?? 0)) return [`arrow ${id} goes back in time`];
  return [start, end].flatMap(({ pid, tid, ts = 0, ph }) => {
    const under = spans.get(`${pid}/${tid}`)?.some(({ from, to }) => from <= ts && ts <= to) === true;
    return under ? [] : [`arrow ${id} has no slice under its ${ph}`];
  });
}
