import type { FaultEvent, LockEvent, ScopeEvent, Where } from '../events.ts';
import type { Finding } from '../finding.ts';
import type { Rule, TaskContext } from '../rule.ts';
import { TaskMap } from '../task-map.ts';
import { TaskTracker } from '../task-tracker.ts';
import { faultCodes, holds, isCallerLock, isFolio, openedSince } from './fault-facts.ts';

interface Frame {
  readonly held: readonly LockEvent[];
  readonly scopes: readonly ScopeEvent[];
}

const none: readonly never[] = [];

/** Most faults begin with nothing held. */
function copyOf<Item>(items: readonly Item[]): readonly Item[] {
  return items.length === 0 ? none : items.slice();
}

/** Nothing taken inside a fault outlives it, apart from what its return code hands over; nothing outlives a task. */
export const lockLeak: Rule = {
  id: 'lock/leak',
  title: 'Nothing taken in a fault is left behind',
  level: 'error',
  needs: ['locks', 'faults'],
  watched: true,
  start(setup = {}) {
    const frames = new TaskMap<Frame[]>(() => []);
    const findings = new Map<string, Finding>();
    const end = setup.closedWorld === true ? new TaskTracker() : undefined;

    const leak = (task: string, what: string, when: string, taken: LockEvent | ScopeEvent, where?: Where): void => {
      const claim = `${what} is left behind by ${task} ${when}`;
      setup.watch?.news();
      if (findings.has(claim)) return;
      const backtrace = taken.backtrace;
      findings.set(claim, {
        rule: 'lock/leak',
        level: 'error',
        claim,
        because: [
          {
            text: `${task} took ${what} and nothing released it`,
            task,
            ...(taken.where && { where: taken.where }),
            ...(backtrace && { backtrace }),
          },
        ],
        ...(where && { where }),
      });
    };

    const exit = (event: FaultEvent, context: TaskContext): void => {
      const frame = frames.get(event.task).pop();
      if (frame === undefined) return;
      const codes = faultCodes(event.ret ?? []);
      for (const one of context.held) {
        if (holds(frame.held, one) || isCallerLock(one.lock)) continue;
        if (isFolio(one) && codes.has('LOCKED')) continue;
        leak(event.task, one.lock, 'at the end of a fault', one, event.where);
      }
      for (const one of openedSince(frame.scopes, context.scopes)) {
        leak(event.task, `the ${one.scope} scope of ${one.by}`, 'at the end of a fault', one, event.where);
      }
    };

    return {
      // What is held at the end is only asked in a closed world; then every event counts.
      ...(end === undefined ? { types: ['fault', 'lost'] as const } : {}),
      onEvent(event, context) {
        end?.apply(event);
        if (event.type === 'lost') frames.clear();
        if (event.type !== 'fault') return;
        if (event.action === 'exit') {
          exit(event, context);
          return;
        }
        frames.get(event.task).push({ held: copyOf(context.held), scopes: copyOf(context.scopes) });
      },
      finish() {
        for (const context of end?.contexts() ?? []) {
          for (const one of context.held) leak(context.task, one.lock, 'at its end', one);
          for (const one of context.scopes)
            leak(context.task, `the ${one.scope} scope of ${one.by}`, 'at its end', one);
        }
        return [...findings.values()];
      },
    };
  },
};
