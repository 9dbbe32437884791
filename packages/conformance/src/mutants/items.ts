import { type Alternative, type Call, isCall, type Op } from '@faultpath/engine';
import type { FaultpathEvent } from '@faultpath/lockdep';
import type { Request } from '@faultpath/mm';
import { eventsIn } from '../judge-model.ts';

/** What a modelled function does next: a step, or a call. */
export type Item = Op | Call;

/** Something is taken or given back: a lock of any kind, or a scope. */
export interface Move {
  readonly what: 'lock' | 'scope';
  /** Lock class, or the scope's name. */
  readonly name: string;
  readonly instance: string;
  readonly takes: boolean;
  readonly kind: string;
  readonly mode: string;
}

/** Every alternative of a step, those of the steps that it goes on with included. */
function alternativesOf(step: Op): readonly Alternative[] {
  return step.alternatives.flatMap((each) => (each.next === undefined ? [each] : [each, ...alternativesOf(each.next)]));
}

/** What one event takes or gives back. A handle's scope is told beside its lock, and is no move of its own. */
export function moveOf(event: object): Move | undefined {
  const seen = event as FaultpathEvent;
  if (seen.type === 'lock' && (seen.action === 'acquired' || seen.action === 'release')) {
    const { lock, instance, kind, mode } = seen;
    return { what: 'lock', name: lock, instance, takes: seen.action === 'acquired', kind, mode };
  }
  if (seen.type !== 'scope' || seen.scope === 'handle' || seen.scope === 'transaction') return undefined;
  const { scope } = seen;
  return { what: 'scope', name: scope, instance: scope, takes: seen.action === 'enter', kind: 'scope', mode: '' };
}

/** What a step takes and gives back. */
export function movesOf(step: Op): readonly Move[] {
  for (const { event } of alternativesOf(step)) {
    const moves = eventsIn(event).flatMap((each) => (each === undefined ? [] : (moveOf(each) ?? [])));
    if (moves.length > 0) return moves;
  }
  return [];
}

/** Name of a move within its function. */
export function moveKey({ takes, name }: Pick<Move, 'takes' | 'name'>): string {
  return `${takes ? 'take' : 'drop'} ${name}`;
}

const allocators: ReadonlySet<string> = new Set(['kmem_cache_alloc', '__alloc_pages']);

/** What an allocation asks for, where the item is a call of the core's allocators. */
export function requestOf(item: Item): Request | undefined {
  if (!isCall(item) || !allocators.has(item.fn.name)) return undefined;
  const request = item.args[1] as Partial<Request> | undefined;
  return typeof request?.mask === 'number' && typeof request.site === 'string' ? (request as Request) : undefined;
}

/** Name of an item within its function; equal for the same thing done again. */
export function keyOf(item: Item): string {
  const request = requestOf(item);
  if (request !== undefined) return `alloc ${request.site}`;
  if (isCall(item)) return `call ${item.fn.name}`;
  const moves = movesOf(item);
  if (moves.length > 0) return moves.map(moveKey).join(' + ');
  return isSeen(item) ? 'step' : 'note';
}

/** Helpers of ours that do something under few policies: no work of the function's own. */
const quiet: ReadonlySet<string> = new Set(['call clearVmfFs', 'call restoreVmfMask', 'note']);

/** Does it stand for work that locks are held for? */
export function matters(key: string): boolean {
  return !quiet.has(key);
}

/** Others can see the step, or it is a choice. */
function isSeen(step: Op): boolean {
  return (
    step.alternatives.length > 1 ||
    alternativesOf(step).some(
      ({ when, does }) =>
        when.some(({ cell }) => cell.type === 'cell') || does.some(({ cell }) => cell.type === 'cell'),
    )
  );
}

/** What an item gives back when it is left out: what it gives when it does what it is there for. */
export function usualResult(item: Item): number {
  if (isCall(item)) return 0;
  const told = alternativesOf(item).find(({ event, next }) => event !== undefined && next === undefined);
  return (told ?? item.alternatives[0])?.result ?? 0;
}
