import type { AllocEvent, MaskFact } from '../events.ts';
import type { Finding } from '../finding.ts';
import type { Rule } from '../rule.ts';

/**
 * Advisory, one side of a discussion: an allocation for a mapping asks for no more than the mapping's mask, which the
 * filesystem chose once, at inode setup.
 */
export const mappingMask: Rule = {
  id: 'gfp/mapping-mask',
  title: 'Allocations for a mapping obey the mapping mask',
  level: 'advisory',
  needs: ['requested-mask', 'mapping-mask'],
  watched: true,
  start({ watch } = {}) {
    const findings = new Map<string, Finding>();

    const judge = (event: AllocEvent, mapping: MaskFact): void => {
      const extra: string[] = [];
      if (event.requested.fs === true && mapping.fs === false) extra.push('__GFP_FS');
      if (event.requested.io === true && mapping.io === false) extra.push('__GFP_IO');
      if (extra.length === 0) return;
      watch?.news();
      const claim = `${event.site} asks for ${extra.join(' and ')}, which the mapping mask leaves out`;
      if (findings.has(claim)) return;
      findings.set(claim, {
        rule: 'gfp/mapping-mask',
        level: 'advisory',
        claim,
        because: [
          {
            text: `requested ${event.requested.text ?? 'mask'}, mapping mask ${mapping.text ?? 'without it'}`,
            task: event.task,
            ...(event.where && { where: event.where }),
            ...(event.backtrace && { backtrace: event.backtrace }),
          },
        ],
        ...(event.where && { where: event.where }),
      });
    };

    return {
      types: ['alloc'],
      onEvent(event) {
        if (event.type !== 'alloc' || event.mapping === undefined) return;
        if (event.mapping.how === 'unknown' || event.requested.how === 'unknown') return;
        judge(event, event.mapping);
      },
      finish: () => [...findings.values()],
    };
  },
};
