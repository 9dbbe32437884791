import type { MaskFact, MaskStoreEvent } from '../events.ts';
import type { Finding } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** Advisory, one side of a discussion: nobody clears bits of a mask around a call and puts them back afterwards. */
export const maskJuggling: Rule = {
  id: 'gfp/mask-juggling',
  title: 'No clearing and restoring of a mask around a call',
  level: 'advisory',
  needs: ['mask-stores'],
  watched: true,
  start({ watch } = {}) {
    const cleared = new Map<string, MaskStoreEvent>();
    const findings = new Map<string, Finding>();

    const report = (clear: MaskStoreEvent, restore: MaskStoreEvent): void => {
      const claim = `${clear.by} clears bits of ${clear.cell} around a call and puts them back`;
      if (findings.has(claim)) return;
      findings.set(claim, {
        rule: 'gfp/mask-juggling',
        level: 'advisory',
        claim,
        because: [clear, restore].map((event, index) => ({
          text: `${index === 0 ? 'cleared' : 'restored'}: ${event.from.text ?? 'unknown'} becomes ${event.to.text ?? 'unknown'}`,
          task: event.task,
          ...(event.where && { where: event.where }),
          ...(event.backtrace && { backtrace: event.backtrace }),
        })),
        ...(restore.where && { where: restore.where }),
      });
    };

    return {
      types: ['mask-store', 'lost'],
      onEvent(event) {
        if (event.type === 'lost') cleared.clear();
        if (event.type !== 'mask-store') return;
        watch?.news();
        const key = `${event.task}\0${event.cell}`;
        const earlier = cleared.get(key);
        if (earlier !== undefined && lost(event.to, event.from)) {
          report(earlier, event);
          cleared.delete(key);
        } else if (lost(event.from, event.to)) {
          cleared.set(key, event);
        }
      },
      finish: () => [...findings.values()],
    };
  },
};

/** Whether a bit that `before` has is missing in `after`. */
function lost(before: MaskFact, after: MaskFact): boolean {
  return (before.fs === true && after.fs === false) || (before.io === true && after.io === false);
}
