import {
  type Call,
  createWorld,
  EngineError,
  explore,
  increment,
  kernelFunction,
  load,
  type Model,
  note,
  op,
  registerConstant,
  set,
  store,
  when,
} from '@faultpath/engine';
import { describe, expect, it } from 'vitest';

const world = createWorld();
const cell = world.cell('x', 1);
const mine = world.local('mine', 1);

function model(start: Call, repeat = false): Model {
  return { name: 'one thread', world, threads: [{ name: 't', start, repeat }] };
}

function refusal(start: Call, repeat = false): EngineError {
  try {
    explore(model(start, repeat));
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('the model was accepted');
}

let counter = 0;

describe('what a modelled function must not do', () => {
  it('depend on something that changes: function, step and both behaviours are named', () => {
    const impure = kernelFunction('impure', function* () {
      yield load(cell);
      yield store(cell, counter++ % 2);
      return 0;
    });
    const error = refusal(impure());
    expect(error).toMatchObject({ code: 'ENGINE_IMPURE', where: 'impure' });
    expect(error.message).toMatch(/step 1 was «x = \d» instead of «x = \d»/);
  });

  it('capture a counter, even if only a later call shows it', () => {
    let calls = 0;
    const captured = kernelFunction('captured', function* () {
      calls++;
      if (calls > 1) yield store(cell, 1);
      return 0;
    });
    expect(refusal(captured())).toMatchObject({ code: 'ENGINE_IMPURE', where: 'captured' });
  });

  it('change an argument', () => {
    const changes = kernelFunction('changes', function* (record: { value: number }) {
      yield load(cell);
      record.value = 2;
      return 0;
    });
    expect(refusal(changes({ value: 1 }))).toMatchObject({ code: 'ENGINE_IMPURE', where: 'changes' });
    const reads = kernelFunction('reads', function* (record: { value: number }) {
      yield load(cell);
      return record.value;
    });
    expect(explore(model(reads({ value: 1 }))).verdict).toBe('proved');
  });

  it('return a bare generator, or yield what is no op', () => {
    const bare = kernelFunction('bare', function* () {
      yield load(cell);
      return (function* () {
        yield load(cell);
      })();
    });
    expect(refusal(bare() as Call)).toMatchObject({ code: 'ENGINE_BARE_GENERATOR', where: 'bare' });
    const wrong = kernelFunction('wrong', function* () {
      yield 3 as never;
      return 0;
    });
    expect(refusal(wrong())).toMatchObject({ code: 'ENGINE_BAD_YIELD', where: 'wrong' });
  });

  it('loop without end inside one call; as a tail call the loop is fine', () => {
    const forever = kernelFunction('forever', function* () {
      for (;;) yield load(cell);
    });
    expect(refusal(forever())).toMatchObject({ code: 'ENGINE_UNBOUNDED', where: 'forever' });
    const loop: () => Call = kernelFunction('loop', function* () {
      yield load(cell);
      return loop();
    });
    expect(explore(model(loop())).verdict).toBe('proved');
  });

  it('call itself without end: the functions are named', () => {
    const inner: () => Call<number> = kernelFunction('inner', function* () {
      return yield* outer();
    });
    const outer: () => Call<number> = kernelFunction('outer', function* () {
      yield load(cell);
      return (yield* inner()) + 1;
    });
    const error = refusal(outer());
    expect(error.code).toBe('ENGINE_RECURSION');
    expect(error.message).toMatch(/inner ← outer|outer ← inner/);
  });

  it('go round without a step that others can see', () => {
    const silent = kernelFunction('silent', function* () {
      yield note('here again', 1);
      return 0;
    });
    expect(refusal(silent(), true)).toMatchObject({ code: 'ENGINE_UNBOUNDED', where: 'silent' });
    expect(explore(model(silent())).verdict).toBe('proved');
  });

  it('take functions or changing things as arguments, unless they are registered', () => {
    const f = kernelFunction('f', function* (_: unknown) {
      yield load(cell);
      return 0;
    });
    expect(refusal(f(() => 1)).code).toBe('ENGINE_ARGUMENT');
    expect(refusal(f(new Map())).code).toBe('ENGINE_ARGUMENT');
    const table = registerConstant({ nested: { list: [1] } });
    expect(explore(model(f(table))).verdict).toBe('proved');
    expect(Object.isFrozen(table.nested.list)).toBe(true);
    expect(() => kernelFunction('', function* () {})).toThrow(expect.objectContaining({ code: 'ENGINE_ARGUMENT' }));
  });
});

describe('what is a finding, not a refusal', () => {
  it('an exception on a result that occurs, with the backtrace; none on one that cannot', () => {
    const fragile = kernelFunction('fragile', function* () {
      if ((yield load(cell)) === 1) throw new Error('no such case');
      return 0;
    });
    expect(explore(model(fragile())).verdict).toBe('proved');
    const writer = kernelFunction('writer', function* () {
      yield store(cell, 1);
      return 0;
    });
    const both: Model = {
      name: 'both',
      world,
      threads: [
        { name: 'a', start: fragile() },
        { name: 'b', start: writer() },
      ],
    };
    const [error] = explore(both).errors;
    expect(error).toMatchObject({ code: 'engine/threw' });
    expect(error?.message).toMatch(/fragile.*no such case/);
    expect(error?.witness.moves).toHaveLength(2);
  });

  it('an exception before the first step is a refusal: nothing is left to explore', () => {
    const broken = kernelFunction('broken', function* (): Generator<never, number, number> {
      throw new Error('at once');
    });
    expect(refusal(broken())).toMatchObject({ code: 'ENGINE_MODEL', where: 'broken' });
  });

  it('a shared or a local cell that leaves its domain', () => {
    const twice = kernelFunction('twice', function* () {
      yield increment(cell);
      yield increment(cell);
      return 0;
    });
    expect(explore(model(twice())).errors[0]?.code).toBe('engine/cell-range');
    const local = kernelFunction('local', function* () {
      yield load(cell);
      yield increment(mine);
      yield increment(mine);
      return 0;
    });
    expect(explore(model(local())).errors[0]?.code).toBe('engine/model-error');
  });

  it('a forbidden alternative, with its own code', () => {
    const forbidden = op('check', [
      { when: [when(cell, '==', 0)], does: [], result: 0, error: { code: 'mine/forbidden', message: 'zero' } },
      { when: [when(cell, '==', 1)], does: [set(cell, 0)], result: 1 },
    ]);
    const check = kernelFunction('check', function* () {
      yield forbidden;
      return 0;
    });
    expect(explore(model(check())).errors[0]).toMatchObject({ code: 'mine/forbidden', message: 'zero' });
  });

  it('a model without threads proves nothing, and says so', () => {
    expect(() => explore({ name: 'empty', world, threads: [] })).toThrow(
      expect.objectContaining({ code: 'ENGINE_MODEL' }),
    );
  });
});
