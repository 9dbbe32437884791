import {
  add,
  addFrom,
  awaitValue,
  type Cell,
  type Counter,
  choose,
  createCounter,
  createMutex,
  createRwLock,
  createWaitQueue,
  createWorld,
  give,
  increment,
  kernelFunction,
  type LocalCell,
  load,
  lock,
  type Model,
  type Mutex,
  type Op,
  op,
  type RwLock,
  readLock,
  readUnlock,
  registerConstant,
  set,
  sleepWhile,
  store,
  take,
  tryLock,
  tryReadLock,
  unlock,
  type WaitQueue,
  wakeAll,
  wakeOne,
  when,
  writeLock,
  writeUnlock,
} from '@faultpath/engine';

/** One statement of a random program; `acc` is a variable that remembers what ops gave. */
export type Statement =
  | { readonly do: 'lock' | 'unlock' | 'trylock' | 'mutex'; readonly on: number; readonly body: readonly Statement[] }
  | { readonly do: 'read' | 'write' | 'tryread' | 'reserve'; readonly on: number; readonly body: readonly Statement[] }
  | { readonly do: 'take' | 'give' | 'sleep' | 'wakeOne' | 'wakeAll' | 'note' | 'throw' }
  | { readonly do: 'load' | 'store' | 'add' | 'await' | 'move'; readonly on: number; readonly value: number }
  | { readonly do: 'remember' | 'recall' | 'choose'; readonly value: number }
  | { readonly do: 'forbid'; readonly on: number; readonly value: number }
  | { readonly do: 'if'; readonly value: number; readonly yes: readonly Statement[]; readonly no: readonly Statement[] }
  | { readonly do: 'call' | 'tail'; readonly on: number }
  /** A lock that remembers its owner by number. */
  | { readonly do: 'own' | 'mine' | 'claim'; readonly body: readonly Statement[] };

/** A random program: blocks that call each other, and threads that start in one of them. */
export interface Program {
  readonly blocks: readonly (readonly Statement[])[];
  readonly threads: readonly {
    readonly block: number;
    readonly arg: number;
    readonly daemon: boolean;
    readonly repeat: boolean;
    /** Added to the number of each mutex and flag: threads may differ in the objects they work on only. */
    readonly shift?: number;
  }[];
  readonly fair: boolean;
}

interface Env {
  readonly program: Program;
  readonly mutexes: readonly Mutex[];
  readonly rwlocks: readonly RwLock[];
  readonly counter: Counter;
  readonly cells: readonly Cell[];
  readonly local: LocalCell;
  readonly queue: WaitQueue;
  readonly flags: readonly Cell[];
  readonly owner: Cell;
}

/** Who runs a block: its number, and how far its objects are shifted. */
interface Self {
  readonly number: number;
  readonly shift: number;
}

/** Gives every alternative an event of its own, so that two sides can compare which were taken. */
function tag(made: Op, site: string): Op {
  return op(
    made.name,
    made.alternatives.map((each, index) => ({
      ...each,
      event: `${site}#${index}`,
      ...(each.next === undefined ? {} : { next: tag(each.next, `${site}'${index}`) }),
    })),
    made.wants,
  );
}

const block = kernelFunction('block', function* (env: Env, index: number, arg: number, self: Self): Generator<
  Op,
  unknown,
  number
> {
  return yield* statements(env, self, index, `${index}`, env.program.blocks[index] as readonly Statement[], arg);
});

const nested = kernelFunction('nested', function* (env: Env, index: number, arg: number, self: Self): Generator<
  Op,
  unknown,
  number
> {
  const result = yield* block(env, index, arg, self);
  return typeof result === 'number' ? (result + 1) % 3 : 0;
});

interface Ended {
  readonly ended: unknown;
}

/** Not a modelled function: part of the body of `block`, which has no other way to nest statements. */
function* statements(
  env: Env,
  self: Self,
  index: number,
  at: string,
  list: readonly Statement[],
  arg: number,
): Generator<Op, unknown, number> {
  const result = yield* sequence(env, self, index, at, list, arg);
  return typeof result === 'number' ? result : result.ended;
}

function* sequence(
  env: Env,
  self: Self,
  index: number,
  at: string,
  list: readonly Statement[],
  arg: number,
): Generator<Op, number | Ended, number> {
  let acc = arg;
  for (const [place, each] of list.entries()) {
    const site = `${at}.${place}`;
    const next = yield* one(env, self, index, site, each, acc);
    if (typeof next !== 'number') return next;
    acc = next;
  }
  return acc;
}

function* one(
  env: Env,
  self: Self,
  index: number,
  site: string,
  each: Statement,
  acc: number,
): Generator<Op, number | Ended, number> {
  const step = (made: Op, suffix = ''): Op => tag(made, site + suffix);
  const mutexAt = (on: number): Mutex => env.mutexes[(on + self.shift) % env.mutexes.length] as Mutex;
  switch (each.do) {
    case 'lock':
      yield step(lock(mutexAt(each.on)));
      return acc;
    case 'unlock':
      yield step(unlock(mutexAt(each.on)));
      return acc;
    case 'mutex':
    case 'trylock': {
      const mutex = mutexAt(each.on);
      const got = yield step(each.do === 'mutex' ? lock(mutex) : tryLock(mutex));
      if (got === 0) return (acc + 1) % 3;
      const inner = yield* sequence(env, self, index, site, each.body, acc);
      if (typeof inner !== 'number') return inner;
      yield step(unlock(mutex), 'u');
      return inner;
    }
    case 'read':
    case 'tryread':
    case 'write': {
      const rw = env.rwlocks[each.on] as RwLock;
      const got = yield step(each.do === 'read' ? readLock(rw) : each.do === 'write' ? writeLock(rw) : tryReadLock(rw));
      if (got === 0) return (acc + 1) % 3;
      const inner = yield* sequence(env, self, index, site, each.body, acc);
      if (typeof inner !== 'number') return inner;
      yield step(each.do === 'write' ? writeUnlock(rw) : readUnlock(rw), 'u');
      return inner;
    }
    case 'reserve': {
      yield step(take(env.counter));
      const inner = yield* sequence(env, self, index, site, each.body, acc);
      if (typeof inner !== 'number') return inner;
      yield step(give(env.counter), 'u');
      return inner;
    }
    case 'take':
      yield step(take(env.counter));
      return acc;
    case 'give':
      yield step(give(env.counter));
      return acc;
    case 'sleep': {
      const cell = env.cells[0] as Cell;
      return (acc + (yield step(sleepWhile(env.queue, when(cell, '!=', 0), when(cell, '==', 0))))) % 3;
    }
    case 'wakeOne':
      yield step(wakeOne(env.queue));
      return acc;
    case 'wakeAll':
      yield step(wakeAll(env.queue));
      return acc;
    case 'note':
      yield step(op('note', [{ when: [], does: [], result: 1 }]));
      return acc;
    case 'own': {
      const { owner } = env;
      yield step(op('own', [{ when: [when(owner, '==', 0)], does: [set(owner, self.number)], result: 0 }]));
      const inner = yield* sequence(env, self, index, site, each.body, acc);
      if (typeof inner !== 'number') return inner;
      yield step(op('disown', [{ when: [when(owner, '==', self.number)], does: [set(owner, 0)], result: 0 }]), 'u');
      return inner;
    }
    case 'mine':
      return yield step(
        op('mine', [
          { when: [when(env.owner, '==', self.number)], does: [], result: 1 },
          { when: [when(env.owner, '!=', self.number)], does: [], result: 2 },
        ]),
      );
    case 'claim':
      // Any free flag, and the mutex that belongs to it.
      return yield step(
        op(
          'claim',
          env.flags.map((flag, which) => ({
            when: [when(flag, '==', 0), when(mutexAt(which).locked, '==', 0)],
            does: [set(flag, 1)],
            result: 1,
          })),
        ),
      );
    case 'throw':
      throw new Error('the program gave up');
    case 'load':
      return yield step(load(env.cells[each.on] as Cell));
    case 'store':
      yield step(store(env.cells[each.on] as Cell, each.value));
      return acc;
    case 'add':
      yield step(increment(env.cells[each.on] as Cell, each.value - 1));
      return acc;
    case 'move': {
      const [from, to] = [env.cells[each.on], env.cells[1 - each.on]] as [Cell, Cell];
      return yield step(
        op('move', [
          { when: [when(from, '>', 0), when(to, '<', each.value)], does: [addFrom(to, from), set(from, 0)], result: 1 },
          { when: [when(from, '==', 0)], does: [], result: 2 },
        ]),
      );
    }
    case 'await':
      yield step(awaitValue(env.cells[each.on] as Cell, each.value));
      return acc;
    case 'remember':
      yield step(op('remember', [{ when: [], does: [set(env.local, each.value)], result: 0 }]));
      return acc;
    case 'recall':
      return yield step(
        op('recall', [
          { when: [when(env.local, '==', each.value)], does: [], result: 1 },
          { when: [when(env.local, '!=', each.value)], does: [add(env.local, 0)], result: 2 },
        ]),
      );
    case 'choose':
      return yield step(choose(each.value + 2));
    case 'forbid':
      return yield step(
        op('forbid', [
          {
            when: [when(env.cells[each.on] as Cell, '==', each.value)],
            does: [],
            result: 0,
            error: { code: 'test/forbidden', message: 'must not happen' },
          },
          { when: [when(env.cells[each.on] as Cell, '!=', each.value)], does: [], result: acc },
        ]),
      );
    case 'if':
      return yield* sequence(
        env,
        self,
        index,
        `${site}${acc === each.value ? 'y' : 'n'}`,
        acc === each.value ? each.yes : each.no,
        acc,
      );
    case 'call':
      return (yield* nested(env, each.on, acc, self)) as number;
    case 'tail':
      // A loop needs a step that others can see; and only later blocks, or this one: deeper stacks would not end.
      yield step(load(env.cells[1] as Cell));
      return { ended: block(env, each.on, (acc + 1) % 3, self) };
  }
}

/** The model of a program. */
export function modelOf(program: Program): Model {
  const world = createWorld();
  const tasks = program.threads.length;
  const queueObject = world.object('queue');
  const env: Env = registerConstant({
    program,
    mutexes: [createMutex(world, 'm0'), createMutex(world, 'm1'), createMutex(world, 'm2')],
    rwlocks: [
      createRwLock(world, 'r0', { tasks: tasks * 2, fair: program.fair }),
      createRwLock(world, 'r1', { tasks: tasks * 2, fair: false }),
    ],
    counter: createCounter(world, 'log', 1),
    cells: [world.cell('x', 2, 1), world.cell('y', 2)],
    local: world.local('mine', 2),
    queue: createWaitQueue(world, queueObject, tasks * 2),
    flags: [world.cell('f0', 1), world.cell('f1', 1), world.cell('f2', 1)],
    owner: world.cell('owner', tasks),
  });
  return {
    name: 'random',
    world,
    threads: program.threads.map((thread, index) => ({
      name: `t${index}`,
      start: block(env, thread.block, thread.arg, { number: index + 1, shift: thread.shift ?? 0 }),
      daemon: thread.daemon,
      repeat: thread.repeat,
    })),
  };
}
