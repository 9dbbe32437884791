import type { FaultEvent, LockEvent } from '../events.ts';
import type { Finding } from '../finding.ts';
import type { Rule, TaskContext } from '../rule.ts';
import { TaskMap } from '../task-map.ts';
import { faultCodes, holds, isCallerLock, isFolio } from './fault-facts.ts';

const errors = ['OOM', 'SIGBUS', 'SIGSEGV', 'HWPOISON', 'HWPOISON_LARGE', 'FALLBACK'];

/** Codes that no fault may return together: the caller would act on one and lose the other. */
const exclusive: readonly (readonly [string, readonly string[], string])[] = [
  [
    'LOCKED',
    ['NOPAGE', 'DONE_COW', 'RETRY', 'COMPLETED', ...errors],
    'the caller would have to unlock a page it never gets',
  ],
  ['RETRY', ['COMPLETED', 'NOPAGE', 'DONE_COW', 'NEEDDSYNC', ...errors], 'the fault is either repeated or over'],
  ['COMPLETED', ['NOPAGE', 'FALLBACK'], 'mmap_lock is gone already, so nothing more can be asked of the caller'],
  ['NOPAGE', errors, 'the page is installed or it is not'],
  ['DONE_COW', errors, 'the copy is finished or it is not'],
  ['NEEDDSYNC', errors, 'there is nothing to sync after an error'],
];

const none: readonly LockEvent[] = [];

function callerLocksOf(held: readonly LockEvent[]): readonly LockEvent[] {
  return held.length === 0 ? none : held.filter((one) => isCallerLock(one.lock));
}

interface Frame {
  readonly callerLocks: readonly LockEvent[];
  folioSeen: boolean;
}

/**
 * What a fault returns agrees with what it did: the codes go together, mmap_lock is dropped exactly when RETRY or
 * COMPLETED says so, and LOCKED comes with a locked folio. LOCKED is a handler's word: only inner faults are held to it.
 */
export const faultContract: Rule = {
  id: 'fault/contract',
  title: 'Return codes of a fault agree with each other and with the locks',
  level: 'error',
  needs: ['faults'],
  watched: true,
  start({ watch } = {}) {
    const frames = new TaskMap<Frame[]>(() => []);
    const findings = new Map<string, Finding>();

    const report = (event: FaultEvent, claim: string, text: string): void => {
      watch?.news();
      if (findings.has(claim)) return;
      const because = { text, task: event.task, ...(event.where && { where: event.where }) };
      findings.set(claim, {
        rule: 'fault/contract',
        level: 'error',
        claim,
        because: [event.backtrace ? { ...because, backtrace: event.backtrace } : because],
        ...(event.where && { where: event.where }),
      });
    };

    const combinations = (event: FaultEvent, codes: ReadonlySet<string>, outermost: boolean): void => {
      for (const [code, others, why] of exclusive) {
        // The core unlocks the page and leaves the bit of its handler in what it returns itself.
        if (code === 'LOCKED' && outermost) continue;
        const other = codes.has(code) ? others.find((one) => codes.has(one)) : undefined;
        if (other !== undefined) report(event, `a fault returns ${code} together with ${other}`, why);
      }
    };

    const exit = (event: FaultEvent, context: TaskContext, frame: Frame | undefined, outermost: boolean): void => {
      if (event.ret === undefined) return;
      const codes = faultCodes(event.ret);
      if (codes.size > 0) combinations(event, codes, outermost);
      if (outermost && codes.has('NEEDDSYNC') && !/dax_iomap/.test(event.detail ?? '')) {
        report(
          event,
          'NEEDDSYNC leaves the filesystem',
          'whoever gets NEEDDSYNC must call dax_finish_sync_fault itself',
        );
      }
      if (frame === undefined) return;
      const mayDrop = codes.has('RETRY') || codes.has('COMPLETED');
      const nowait = mayDrop && /RETRY_NOWAIT/.test(event.detail ?? '');
      for (const lock of frame.callerLocks) {
        const held = holds(context.held, lock);
        if (held && mayDrop && !(codes.has('RETRY') && nowait)) {
          const code = codes.has('RETRY') ? 'RETRY' : 'COMPLETED';
          report(
            event,
            `a fault returns ${code} with ${lock.lock} still held`,
            `${code} says that ${lock.lock} was dropped`,
          );
        }
        if (!held && !mayDrop) {
          report(
            event,
            `a fault drops ${lock.lock} and returns ${event.ret.join('|') || '0'}`,
            `only RETRY and COMPLETED tell the caller that ${lock.lock} is gone`,
          );
        }
      }
      if (codes.has('LOCKED') && !outermost && frame.folioSeen && !context.held.some(isFolio)) {
        report(
          event,
          'a fault returns LOCKED without a locked folio',
          'a folio was locked in this fault, and it is not held any more',
        );
      }
    };

    return {
      types: ['lock', 'fault', 'lost'],
      onEvent(event, context) {
        if (event.type === 'lost') frames.clear();
        if (event.type === 'lock' && isFolio(event) && event.action === 'acquired') {
          for (const frame of frames.get(event.task)) frame.folioSeen = true;
        }
        if (event.type !== 'fault') return;
        const stack = frames.get(event.task);
        if (event.action === 'enter') {
          stack.push({ callerLocks: callerLocksOf(context.held), folioSeen: false });
          return;
        }
        const frame = stack.pop();
        exit(event, context, frame, stack.length === 0);
      },
      finish: () => [...findings.values()],
    };
  },
};
