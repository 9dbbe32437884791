import { EngineError } from './errors.ts';

/** One step of a schedule: which thread moves, and which alternative of its op it takes. */
export interface Move {
  /** Index of the thread in the model. */
  readonly thread: number;
  /** Index of the alternative in the op. */
  readonly alternative: number;
}

const FORM = /^(\d+)(?::(\d+))?(?:x(\d+))?$/;
const MOST_MOVES = 1_000_000;

/** The moves as a string that a person can paste: `v1:0x3.1:2.0` is three steps of thread 0, and so on. */
export function formatSchedule(moves: readonly Move[]): string {
  const items: string[] = [];
  for (let at = 0; at < moves.length; ) {
    const { thread, alternative } = moves[at] as Move;
    let end = at + 1;
    while (end < moves.length && moves[end]?.thread === thread && moves[end]?.alternative === alternative) end++;
    const times = end - at;
    items.push(`${thread}${alternative === 0 ? '' : `:${alternative}`}${times === 1 ? '' : `x${times}`}`);
    at = end;
  }
  return `v1:${items.join('.')}`;
}

/** Reads what {@link formatSchedule} wrote. Throws `ENGINE_SCHEDULE` naming the item that does not fit. */
export function parseSchedule(text: string): readonly Move[] {
  if (!text.startsWith('v1:')) {
    throw new EngineError('ENGINE_SCHEDULE', text.slice(0, 20), 'a schedule starts with «v1:»');
  }
  const body = text.slice(3);
  if (body === '') return [];
  const moves: Move[] = [];
  for (const [index, item] of body.split('.').entries()) {
    const match = FORM.exec(item);
    const where = `item ${index + 1} «${item.slice(0, 20)}»`;
    if (match === null)
      throw new EngineError('ENGINE_SCHEDULE', where, 'expected thread, thread:alternative, or either with xN');
    const move = { thread: Number(match[1]), alternative: Number(match[2] ?? 0) };
    const times = Number(match[3] ?? 1);
    if (times < 1 || moves.length + times > MOST_MOVES) {
      throw new EngineError('ENGINE_SCHEDULE', where, `a schedule has 1 to ${MOST_MOVES} steps`);
    }
    for (let count = 0; count < times; count++) moves.push(move);
  }
  return moves;
}
