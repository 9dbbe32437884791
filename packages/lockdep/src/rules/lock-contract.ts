import type { DataEvent, FaultpathEvent, LockEvent } from '../events.ts';
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
    const findings = new Map<LockContract, Finding>();
    const { data, steps } = asksOf(setup.contracts ?? []);

    return {
      types: ['lock', 'wait', 'alloc', 'scope', 'call', 'data'],
      onEvent(event, context) {
        if (event.backtrace === undefined) return;
        const asked = event.type === 'data' ? data : steps;
        for (const contract of asked(event.backtrace)) {
          if (findings.has(contract) || (event.type === 'data' && !isAbout(event, contract))) continue;
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

/** What is asked on the way that a backtrace tells. */
type Asked = (backtrace: readonly string[]) => readonly LockContract[];

/** What is asked where data is used, and at every other step. */
interface Asks {
  readonly data: Asked;
  readonly steps: Asked;
}

/** Models of one filesystem and release have one list of contracts, and share many of their backtraces. */
const asksKnown = /* @__PURE__ */ new WeakMap<readonly LockContract[], Asks>();

function asksOf(contracts: readonly LockContract[]): Asks {
  let asks = asksKnown.get(contracts);
  if (asks === undefined) {
    asks = {
      data: askedOnTheWay(contracts.filter(({ data }) => data !== undefined)),
      steps: askedOnTheWay(contracts.filter(({ data }) => data === undefined)),
    };
    asksKnown.set(contracts, asks);
  }
  return asks;
}

function askedOnTheWay(contracts: readonly LockContract[]): Asked {
  /** Most functions are in no contract: one look-up tells. */
  const byFunction = new Map<string, LockContract[]>();
  const anywhere: LockContract[] = [];
  for (const contract of contracts) {
    const fn = contract.in?.[0];
    const place = fn === undefined ? anywhere : (byFunction.get(fn) ?? []);
    if (fn !== undefined) byFunction.set(fn, place);
    place.push(contract);
  }
  /** A model's backtraces are few, and the same arrays come again and again. */
  const known = new WeakMap<readonly string[], readonly LockContract[]>();
  return (backtrace) => {
    let asked = known.get(backtrace);
    if (asked === undefined) {
      const named = new Set<LockContract>();
      for (const fn of backtrace) for (const each of byFunction.get(fn) ?? NONE) named.add(each);
      const may =
        named.size === 0 ? anywhere : contracts.filter((each) => (each.in ?? NONE).length === 0 || named.has(each));
      asked = may.filter(
        ({ in: inside = NONE, unless = NONE }) =>
          inside.every((fn) => backtrace.includes(fn)) && !unless.some((fn) => backtrace.includes(fn)),
      );
      known.set(backtrace, asked);
    }
    return asked;
  };
}

const NONE: readonly never[] = [];

function isAbout(event: DataEvent, { data, reads }: LockContract): boolean {
  return event.data === data && (event.action === 'change' || reads === true);
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
