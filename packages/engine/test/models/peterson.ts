import {
  type Cell,
  createWorld,
  increment,
  kernelFunction,
  type Model,
  op,
  registerConstant,
  store,
  when,
} from '@faultpath/engine';

interface Env {
  readonly level: readonly Cell[];
  readonly last: readonly Cell[];
  readonly inside: Cell;
  readonly strict: boolean;
}

const critical = kernelFunction('critical', function* (env: Env, self: number) {
  const count = env.level.length;
  for (let level = 1; level < count; level++) {
    yield store(env.level[self] as Cell, level);
    yield store(env.last[level] as Cell, self);
    for (let other = 0; other < count; other++) {
      if (other === self || !env.strict) continue;
      yield op('wait', [
        { when: [when(env.level[other] as Cell, '<', level)], does: [], result: 0 },
        {
          when: [when(env.level[other] as Cell, '>=', level), when(env.last[level] as Cell, '!=', self)],
          does: [],
          result: 0,
        },
      ]);
    }
  }
  yield increment(env.inside);
  yield increment(env.inside, -1);
  yield store(env.level[self] as Cell, 0);
  return 0;
});

/** Peterson's filter lock. A second thread inside takes `inside` out of its domain. `strict` off: nobody waits. */
export function peterson(count: number, strict = true): Model {
  const world = createWorld();
  const env: Env = registerConstant({
    level: Array.from({ length: count }, (_, index) => world.cell(`level${index}`, count - 1)),
    last: Array.from({ length: count }, (_, index) => world.cell(`last${index}`, count - 1)),
    inside: world.cell('inside', 1),
    strict,
  });
  return {
    name: 'filter lock',
    world,
    threads: Array.from({ length: count }, (_, self) => ({
      name: `thread${self}`,
      start: critical(env, self),
      repeat: true,
    })),
  };
}
