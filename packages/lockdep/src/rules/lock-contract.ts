import type { FaultpathEvent, LockEvent } from '../events.ts';
import type { Finding } from '../finding.ts';
import type { LockContract, Rule, TaskContext } from '../rule.ts';

/** Inside a function, or where data is changed, what the kernel says must be held is held, and what must not be is not. */
export const lockContract: Rule = {
  id: 'lock/contract',
  title: 'What a function or its data needs held is held, and nothing that must not be',
  level: 'error',
  needs: ['locks', 'calls', 'lock-contracts'],
  watched: true,
  start(setup = {}) {
    const contracts = setup.contracts ?? [];
    const findings = new Map<LockContract, Finding>();
    /** A model's backtraces are few, and the same arrays come again and again. */
    const known = new WeakMap<readonly string[], readonly LockContract[]>();

    const onTheWay = (backtrace: readonly string[]): readonly LockContract[] => {
      const before = known.get(backtrace);
      if (before !== undefined) return before;
      const inside = new Set(backtrace);
      const asked = contracts.filter(
        (contract) =>
          (contract.in?.every((fn) => inside.has(fn)) ?? true) &&
          contract.unless?.some((fn) => inside.has(fn)) !== true,
      );
      known.set(backtrace, asked);
      return asked;
    };

    return {
      types: ['lock', 'wait', 'alloc', 'scope', 'call', 'data'],
      onEvent(event, context) {
        if (event.backtrace === undefined) return;
        for (const contract of onTheWay(event.backtrace)) {
          if (findings.has(contract)) continue;
          if (contract.data === undefined ? event.type === 'data' : !isAbout(event, contract)) continue;
          const wrong = tooMuch(contract, context) ?? tooLittle(contract, event, context);
          if (wrong === undefined) continue;
          setup.watch?.news();
          findings.set(contract, broken(contract, wrong, event, context.held));
        }
      },
      finish: () => [...findings.values()],
    };
  },
};

function isAbout(event: FaultpathEvent, { data, reads }: LockContract): boolean {
  return event.type === 'data' && event.data === data && (event.action === 'change' || reads === true);
}

/** What is held and must not be, in words; undefined where there is nothing. */
function tooMuch({ lacks = [] }: LockContract, { held }: TaskContext): string | undefined {
  const kept = held.find(({ lock }) => lacks.includes(lock));
  return kept === undefined ? undefined : `with ${kept.lock}`;
}

/** What must be held and is not. */
function tooLittle(contract: LockContract, event: FaultpathEvent, { held, scopes }: TaskContext): string | undefined {
  const { holds, exclusive } = contract;
  if (holds === undefined || held.some((lock) => satisfies(lock, contract, event))) return undefined;
  if (scopes.some(({ scope }) => holds.includes(scope))) return undefined;
  return `without ${holds.join(' or ')}${exclusive === true ? ', exclusively' : ''}`;
}

function satisfies(lock: LockEvent, { holds = [], exclusive }: LockContract, event: FaultpathEvent): boolean {
  if (!holds.includes(lock.lock) || (exclusive === true && lock.mode !== 'exclusive')) return false;
  const owner = lock.owner;
  if (event.type !== 'data' || owner === undefined || owner.referenced === undefined) return true;
  return event.instance === owner.object || event.instance.startsWith(`${owner.object}.`);
}

function broken(contract: LockContract, wrong: string, event: FaultpathEvent, held: readonly LockEvent[]): Finding {
  const place = contract.in?.join(' in ');
  const what =
    contract.data === undefined
      ? `${place} runs`
      : `${contract.data} is ${contract.reads === true ? 'used' : 'changed'}${place === undefined ? '' : ` in ${place}`}`;
  const names = held.map((lock) => lock.lock).join(', ');
  return {
    rule: 'lock/contract',
    level: 'error',
    claim: `${what} ${wrong}`,
    because: [
      {
        text: `${event.task} holds ${names === '' ? 'nothing' : names}`,
        task: event.task,
        ...(event.where && { where: event.where }),
        ...(event.backtrace && { backtrace: event.backtrace }),
      },
      { text: contract.because },
    ],
    ...(event.where && { where: event.where }),
  };
}
