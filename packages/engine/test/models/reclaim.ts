import {
  add,
  addFrom,
  type Cell,
  createWorld,
  kernelFunction,
  type Model,
  type Op,
  op,
  registerConstant,
  set,
  type World,
  when,
} from '@faultpath/engine';

/** The page-fault against reclaim model of the peers, step for step, so that its counts can be compared. */
export interface ReclaimParameters {
  readonly tasks: number;
  readonly inodes: number;
  readonly victims?: number;
  readonly logSpace?: number;
  readonly maskFs?: boolean;
  readonly vmfOrFs?: boolean;
  readonly nofs?: boolean;
  readonly victimAny?: boolean;
  /** A writer that waits keeps new readers out; it queues in a step of its own, always. */
  readonly fair?: boolean;
}

interface Env {
  readonly logfree: Cell;
  readonly ilock: readonly Cell[];
  readonly ail: readonly Cell[];
  readonly inact: readonly Cell[];
  readonly entry: readonly Cell[];
  readonly mmReaders: Cell;
  readonly mmWriter: Cell;
  readonly sbReaders: Cell;
  readonly sbWriter: Cell;
  readonly mlReaders: readonly Cell[];
  readonly mlWriter: readonly Cell[];
  /** Writers in the queue; nothing where unfair. */
  readonly mlQueue: readonly Cell[];
  readonly iolock: Cell;
  readonly inodes: number;
  readonly victimAny: boolean;
  readonly faultFs: boolean;
  readonly transFs: boolean;
}

const take = (cell: Cell): Op =>
  op(`lock ${cell.name}`, [{ when: [when(cell, '==', 0)], does: [set(cell, 1)], result: 0 }]);
const clear = (cell: Cell): Op => op(`clear ${cell.name}`, [{ when: [], does: [set(cell, 0)], result: 0 }]);
const read = (readers: Cell, writer: Cell, queue?: Cell): Op =>
  op(`read ${readers.name}`, [
    {
      when: [when(writer, '==', 0), ...(queue === undefined ? [] : [when(queue, '==', 0)])],
      does: [add(readers, 1)],
      result: 0,
    },
  ]);
const unread = (readers: Cell): Op =>
  op(`unread ${readers.name}`, [{ when: [when(readers, '>=', 1)], does: [add(readers, -1)], result: 0 }]);
const write = (readers: Cell, writer: Cell, queue?: Cell): Op => {
  const free = [when(writer, '==', 0), when(readers, '==', 0)];
  const leave = queue === undefined ? [] : [add(queue, -1)];
  const wait = op(`write ${readers.name}`, [{ when: free, does: [...leave, set(writer, 1)], result: 0 }]);
  return queue === undefined
    ? wait
    : op(`queue ${readers.name}`, [{ when: [], does: [add(queue, 1)], result: 0, next: wait }]);
};
const reserve = (env: Env): Op =>
  op('reserve', [{ when: [when(env.logfree, '>=', 1)], does: [add(env.logfree, -1)], result: 0 }]);

const claims = (env: Env) =>
  env.inact.flatMap((cell, index) =>
    index >= env.inodes || env.victimAny
      ? [{ when: [when(cell, '==', 1)], does: [set(cell, 2)], result: index + 1 }]
      : [],
  );

const inactivate = kernelFunction('inactivate', function* (env: Env, victim: number) {
  yield reserve(env);
  yield take(env.ilock[victim] as Cell);
  const [ail, inact, ilock] = [env.ail[victim], env.inact[victim], env.ilock[victim]] as [Cell, Cell, Cell];
  yield op('commit', [{ when: [], does: [add(ail, 1), set(inact, 0), set(ilock, 0)], result: 0 }]);
  return 0;
});

const alloc = kernelFunction('alloc', function* (env: Env, fs: boolean) {
  // The peers count an allocation that cannot reclaim as a step; a guard that always holds keeps it one here.
  const claimed = yield op('alloc', [
    { when: [when(env.logfree, '>=', 0)], does: [], result: 0 },
    ...(fs ? claims(env) : []),
  ]);
  if (claimed > 0) yield* inactivate(env, claimed - 1);
  return 0;
});

const fault = kernelFunction('fault', function* (env: Env, inode: number, entry: number) {
  const lock = env.ilock[inode] as Cell;
  yield read(env.mmReaders, env.mmWriter);
  yield read(env.sbReaders, env.sbWriter);
  yield read(env.mlReaders[inode] as Cell, env.mlWriter[inode] as Cell, env.mlQueue[inode]);
  yield* alloc(env, env.faultFs);
  yield take(env.entry[entry] as Cell);
  yield* alloc(env, env.faultFs);
  yield reserve(env);
  yield take(lock);
  yield* alloc(env, env.transFs);
  yield op('commit', [{ when: [], does: [add(env.ail[inode] as Cell, 1), set(lock, 0)], result: 0 }]);
  yield clear(env.entry[entry] as Cell);
  yield unread(env.mlReaders[inode] as Cell);
  yield unread(env.sbReaders);
  yield unread(env.mmReaders);
  return 0;
});

const trunc = kernelFunction('trunc', function* (env: Env) {
  yield take(env.iolock);
  yield write(env.mlReaders[0] as Cell, env.mlWriter[0] as Cell, env.mlQueue[0]);
  yield op('!entry', [{ when: [when(env.entry[0] as Cell, '==', 0)], does: [], result: 0 }]);
  yield reserve(env);
  yield take(env.ilock[0] as Cell);
  yield* alloc(env, env.transFs);
  yield op('commit', [{ when: [], does: [add(env.ail[0] as Cell, 1), set(env.ilock[0] as Cell, 0)], result: 0 }]);
  yield clear(env.mlWriter[0] as Cell);
  yield clear(env.iolock);
  return 0;
});

const kswapd = kernelFunction('kswapd', function* (env: Env) {
  const claimed = yield op('claim', claims(env));
  yield* inactivate(env, claimed - 1);
  return 0;
});

const aild = kernelFunction('aild', function* (env: Env) {
  yield op(
    'push',
    env.ail.map((ail, index) => ({
      when: [when(ail, '>', 0), when(env.ilock[index] as Cell, '==', 0)],
      does: [addFrom(env.logfree, ail), set(ail, 0)],
      result: 0,
    })),
  );
  return 0;
});

export function reclaimModel(parameters: ReclaimParameters): Model {
  const {
    tasks,
    inodes,
    victims = 1,
    logSpace = 2,
    maskFs = true,
    vmfOrFs = false,
    nofs = false,
    victimAny = false,
    fair = false,
  } = parameters;
  const world: World = createWorld();
  const each = (count: number, name: string, max: number, init: (index: number) => number = () => 0) =>
    Array.from({ length: count }, (_, index) => world.cell(`${name}${index}`, max, init(index)));
  const total = inodes + victims;
  const faultFs = !maskFs || vmfOrFs;
  const env: Env = registerConstant({
    logfree: world.cell('logfree', logSpace, logSpace),
    ilock: each(total, 'ilock', 1),
    ail: each(total, 'ail', logSpace),
    inact: each(total, 'inact', 2, (index) => (index >= inodes || victimAny ? 1 : 0)),
    entry: each(inodes, 'entry', 1),
    mmReaders: world.cell('mm_r', tasks),
    mmWriter: world.cell('mm_w', 1),
    sbReaders: world.cell('sb_r', tasks),
    sbWriter: world.cell('sb_w', 1),
    mlReaders: each(inodes, 'ml_r', tasks),
    mlWriter: each(inodes, 'ml_w', 1),
    mlQueue: fair ? each(inodes, 'ml_q', 1) : [],
    iolock: world.cell('iolock', 1),
    inodes,
    victimAny,
    faultFs,
    transFs: faultFs && !nofs,
  });
  return {
    name: 'reclaim',
    world,
    threads: [
      ...Array.from({ length: tasks }, (_, task) => ({
        name: `fault${task}`,
        start: fault(env, task % inodes, task % inodes),
      })),
      { name: 'trunc', start: trunc(env) },
      { name: 'kswapd', start: kswapd(env), daemon: true, repeat: true },
      { name: 'aild', start: aild(env), daemon: true, repeat: true },
    ],
  };
}
