import type { DeadlockFinding, Hold, ModelErrorFinding, Waiter, Witness } from '@faultpath/engine';
import type { CycleMember, Finding, LockMode } from '@faultpath/lockdep';
import { eventsIn } from './judge-model.ts';

interface LockInfo {
  readonly lock: string;
  readonly instance: string;
}

/** A stuck state, told as data: the ring of waiters, who holds what, under which mask. */
export function deadlockFinding({ witness, partial }: DeadlockFinding): Finding {
  const ring = witness.cycle.length > 0 ? witness.cycle : witness.waiters;
  const members = ring.map((waiter) => member(waiter, witness));
  return {
    rule: 'engine/deadlock',
    level: 'error',
    claim: claimOf(witness, members, partial),
    because: ring.map((waiter, index) => ({
      text: sentence(waiter, members[index] as CycleMember, ring),
      task: waiter.name,
      backtrace: waiter.backtrace,
    })),
    schedule: witness.schedule,
    ...(witness.cycle.length === 0 ? {} : { cycle: members }),
    feasibility: { verdict: 'witnessed', schedule: witness.schedule },
  };
}

/** A model error, told as data. */
export function modelErrorFinding({ code, message, witness }: ModelErrorFinding): Finding {
  const last = witness.steps.at(-1);
  return {
    rule: 'engine/model-error',
    level: 'error',
    claim: `${last?.name ?? 'a task'}: ${message}`,
    because: [
      {
        text: `${code}: ${message}`,
        ...(last === undefined ? {} : { task: last.name, backtrace: last.backtrace }),
      },
    ],
    schedule: witness.schedule,
  };
}

function claimOf(witness: Witness, members: readonly CycleMember[], partial: boolean): string {
  const others = partial ? ' for ever, whatever the others do' : ' for ever';
  if (witness.cycle.length === 0) {
    const names = witness.waiters.map((waiter) => waiter.name).join(', ');
    const lost = witness.waiters.some((waiter) => waiter.wants !== undefined && waiter.waitsFor.length === 0);
    return `${names} wait${witness.waiters.length === 1 ? 's' : ''}${others}${lost ? ': nobody holds what is waited for' : ''}`;
  }
  if (members.length === 1) {
    const [only] = members as [CycleMember];
    return `${only.task} waits for ${only.wants.lock}, which it holds itself`;
  }
  return `${members.map((each) => `${each.task} waits for ${each.wants.lock}`).join(', ')}: each for the next, and the last for the first`;
}

function sentence(waiter: Waiter, described: CycleMember, ring: readonly Waiter[]): string {
  const holder = ring.find((other) => waiter.waitsFor.includes(other.thread));
  const holds = described.holds.map((hold) => `${hold.lock} (${hold.mode})`).join(', ');
  const where = waiter.backtrace[0] === undefined ? '' : ` in ${waiter.backtrace[0]}`;
  const under = described.mask === undefined ? '' : `, under an allocation with ${described.mask}`;
  const whose = holder === undefined ? ', which nobody here holds' : `, which ${holder.name} holds`;
  return `${waiter.name} holds ${holds === '' ? 'nothing' : holds} and waits${where}${under} for ${described.wants.lock} (${described.wants.mode})${whose}`;
}

function member(waiter: Waiter, witness: Witness): CycleMember {
  const mask = maskOf(waiter, witness);
  return {
    task: waiter.name,
    holds: waiter.holds.filter((hold) => hold.mode !== 'queued').map(describe),
    wants: waiter.wants === undefined ? { lock: 'nothing', instance: '', mode: 'exclusive' } : describe(waiter.wants),
    backtrace: waiter.backtrace,
    ...(mask === undefined ? {} : { mask }),
  };
}

function describe(hold: Hold): { lock: string; instance: string; mode: LockMode } {
  const info = hold.object.info as Partial<LockInfo> | undefined;
  return {
    lock: info?.lock ?? hold.object.name,
    instance: info?.instance ?? hold.object.name,
    mode: hold.mode === 'shared' ? 'shared' : 'exclusive',
  };
}

/** The mask of the allocation whose reclaim the thread is in, if it is in one. */
function maskOf(waiter: Waiter, witness: Witness): string | undefined {
  let mask: string | undefined;
  const look = (event: unknown): void => {
    for (const each of eventsIn(event)) {
      const seen = each as { type?: string; action?: string; effective?: { text?: string } };
      if (seen.type === 'reclaim') mask = seen.action === 'enter' ? seen.effective?.text : undefined;
    }
  };
  for (const step of witness.steps) {
    if (step.move.thread !== waiter.thread) continue;
    look(step.event);
    for (const passed of step.passed) look(passed.event);
  }
  return mask;
}
