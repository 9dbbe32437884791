import type { FaultpathEvent, LockEvent } from '../events.ts';
import type { Finding } from '../finding.ts';
import type { Rule } from '../rule.ts';

/**
 * Whoever holds a lock that its source calls a leaf waits for nobody: not for another lock, and not in reclaim. An
 * exploration that takes the section of such a lock for one step proves nothing otherwise.
 */
export const lockLeaf: Rule = {
  id: 'lock/leaf',
  title: 'Nothing is waited for inside a lock that is called a leaf',
  level: 'error',
  needs: ['locks', 'effective-mask', 'leaves'],
  watched: true,
  start({ watch } = {}) {
    const findings = new Map<string, Finding>();
    return {
      types: ['lock', 'wait', 'alloc'],
      onEvent(event, { held, reclaim }) {
        const wait = waitOf(event);
        if (wait === undefined) return;
        // What is waited for in reclaim is told by the allocation that entered it.
        const own = reclaim === undefined ? held : held.slice(reclaim.heldAtEntry ?? held.length);
        for (const leaf of own) {
          if (leaf.leaf !== true) continue;
          watch?.news();
          const claim = `${leaf.lock} is called a leaf, and ${wait} inside`;
          if (!findings.has(claim)) findings.set(claim, finding(claim, leaf, event));
        }
      },
      finish: () => [...findings.values()],
    };
  },
};

/** What the step may wait for, in words; undefined for a step that waits for nobody. */
function waitOf(event: FaultpathEvent): string | undefined {
  if (event.type === 'lock') {
    const waits = event.action !== 'release' && event.trylock !== true && event.leaf !== true;
    // A lock of an object that nobody else can reach is there at once.
    return waits && event.owner?.referenced !== false ? `${event.lock} is taken` : undefined;
  }
  // Something that only takes time, and that no lock can keep, is no wait for a task.
  if (event.type === 'wait') return event.kind === 'completion' ? undefined : `${event.lock} is waited for`;
  if (event.type !== 'alloc') return undefined;
  const { fs, directReclaim } = event.effective;
  return fs === true && directReclaim === true ? `${event.site} may reclaim into filesystems` : undefined;
}

function finding(claim: string, leaf: LockEvent, event: FaultpathEvent): Finding {
  const place = (one: FaultpathEvent, text: string) => ({
    text,
    task: one.task,
    ...(one.where && { where: one.where }),
    ...(one.backtrace && { backtrace: one.backtrace }),
  });
  return {
    rule: 'lock/leaf',
    level: 'error',
    claim,
    because: [place(leaf, `${leaf.task} takes ${leaf.lock}`), place(event, 'and may wait here')],
    ...(event.where && { where: event.where }),
  };
}
