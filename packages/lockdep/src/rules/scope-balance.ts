import type { ScopeEvent } from '../events.ts';
import type { Finding } from '../finding.ts';
import type { Rule } from '../rule.ts';
import { TaskMap } from '../task-map.ts';
import { openedSince } from './fault-facts.ts';

interface TaskView {
  /** Scopes that were open when reclaim was entered, one entry for each level of reclaim. */
  readonly reclaim: (readonly ScopeEvent[])[];
  faultDepth: number;
}

/**
 * Scopes are closed where they were opened: no exit without an enter inside a fault, and none opened in reclaim is open
 * after it. Outside of faults an exit without an enter may belong to something that began before the source did.
 */
export const scopeBalance: Rule = {
  id: 'scope/balance',
  title: 'Scopes are closed where they were opened',
  level: 'error',
  needs: ['scopes', 'faults'],
  watched: true,
  start(setup = {}) {
    const tasks = new TaskMap<TaskView>(() => ({ reclaim: [], faultDepth: 0 }));
    const findings = new Map<string, Finding>();

    const report = (event: ScopeEvent, claim: string, text: string): void => {
      setup.watch?.news();
      if (findings.has(claim)) return;
      const place = { task: event.task, ...(event.where && { where: event.where }) };
      findings.set(claim, {
        rule: 'scope/balance',
        level: 'error',
        claim,
        because: [{ text, ...place, ...(event.backtrace && { backtrace: event.backtrace }) }],
        ...(event.where && { where: event.where }),
      });
    };

    return {
      types: ['scope', 'fault', 'reclaim', 'lost'],
      onEvent(event, context) {
        if (event.type === 'lost') {
          tasks.clear();
          return;
        }
        if (event.type === 'fault') {
          const view = tasks.get(event.task);
          view.faultDepth = Math.max(0, view.faultDepth + (event.action === 'enter' ? 1 : -1));
          return;
        }
        if (event.type === 'reclaim') {
          const { reclaim } = tasks.get(event.task);
          if (event.action === 'enter') {
            reclaim.push(context.scopes.slice());
            return;
          }
          const before = reclaim.pop();
          for (const scope of before === undefined ? [] : openedSince(before, context.scopes)) {
            report(
              scope,
              `the ${scope.scope} scope of ${scope.by} outlives the reclaim it was opened in`,
              'opened here',
            );
          }
          return;
        }
        if (event.type !== 'scope' || event.action !== 'exit') return;
        if (context.scopes.some((scope) => scope.scope === event.scope)) return;
        if (setup.closedWorld !== true && tasks.get(event.task).faultDepth === 0) return;
        report(
          event,
          `a ${event.scope} scope is closed by ${event.by} that nobody opened`,
          'no such scope is open here',
        );
      },
      finish: () => [...findings.values()],
    };
  },
};
