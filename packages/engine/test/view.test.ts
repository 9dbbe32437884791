import {
  agrees,
  compileSystem,
  createView,
  createWorld,
  EngineError,
  increment,
  kernelFunction,
  load,
  note,
  registerConstant,
  type System,
  store,
  systemKey,
  type View,
  type World,
} from '@faultpath/engine';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

interface Given {
  readonly mask: number;
  readonly deep: number;
  readonly spare?: number;
}

interface Env {
  readonly given: Given;
  readonly world: World;
}

const cells = (world: World) => ({ x: world.cell('x', 3), y: world.cell('y', 3) });

/** Looks at `mask` at once, at `deep` only where it read a 1, and at `spare` never. */
function threadsOf(world: World, given: Given) {
  const { x, y } = cells(world);
  const env = registerConstant({ given, world });
  const inner = kernelFunction('inner', function* ({ given }: Env) {
    if ((yield load(y)) === 1) yield store(x, given.deep);
    return 0;
  });
  const outer = kernelFunction('outer', function* (at: Env) {
    yield note('begins', { mask: at.given.mask });
    yield* inner(at);
    return 0;
  });
  const other = kernelFunction('other', function* () {
    yield increment(y);
    return 0;
  });
  return [
    { name: 'outer', start: outer(env) },
    { name: 'other', start: other() },
  ];
}

function shared(first: Given): (record: Given) => System {
  const view: View<Given> = createView(first);
  const world = createWorld();
  const threads = threadsOf(world, view.seen);
  return (record) => compileSystem({ name: 'shared', world, threads, circumstances: { view, record } });
}

function alone(record: Given): System {
  const world = createWorld();
  return compileSystem({ name: 'alone', world, threads: threadsOf(world, record) });
}

describe('models that see their circumstances through one view', () => {
  it('are each what they would be alone, whatever comes first', () => {
    const record = fc.record({ mask: fc.nat(1), deep: fc.nat(2), spare: fc.nat(1) });
    fc.assert(
      fc.property(fc.array(record, { minLength: 2, maxLength: 6 }), (records) => {
        const compile = shared(records[0] as Given);
        for (const each of records) expect(systemKey(compile(each))).toBe(systemKey(alone(each)));
      }),
    );
  });

  it('share what looks at nothing that differs, and only that', () => {
    const compile = shared({ mask: 0, deep: 0 });
    const [one, spared, deeper] = [
      compile({ mask: 0, deep: 0 }),
      compile({ mask: 0, deep: 0, spare: 1 }),
      compile({ mask: 0, deep: 2 }),
    ];
    expect(spared.automata.map(({ detailed }) => detailed)).toEqual(one.automata.map(({ detailed }) => detailed));
    expect(spared.automata[0]?.detailed).toBe(one.automata[0]?.detailed);
    expect(deeper.automata[0]?.detailed).not.toBe(one.automata[0]?.detailed);
    expect(deeper.automata[1]?.detailed).toBe(one.automata[1]?.detailed);
    expect([...one.looks.keys()].sort()).toEqual(['deep', 'mask']);
  });

  it('do not rest on what was refused half-way', () => {
    const view = createView({ broken: true });
    const world = createWorld();
    let calls = 0;
    const start = kernelFunction('start', function* () {
      yield note('looks', { broken: view.seen.broken });
      if (view.seen.broken) yield store(cells(world).x, calls++ % 2);
      return 0;
    });
    const threads = [{ name: 't', start: start() }];
    const compile = (broken: boolean): System =>
      compileSystem({ name: 'refused', world, threads, circumstances: { view, record: { broken } } });
    expect(() => compile(true)).toThrow(EngineError);
    expect(() => compile(true)).toThrow(EngineError);
    expect(compile(false).automata.length).toBe(1);
    expect(() => compile(true)).toThrow(EngineError);
  });

  it('share nothing under other limits, unminimised, or in another world', () => {
    const view = createView({ mask: 0, deep: 0 });
    const world = createWorld();
    const threads = threadsOf(world, view.seen);
    const model = { name: 'm', world, threads, circumstances: { view, record: { mask: 0, deep: 0 } } };
    const limits = { frameDepth: 500, learnedNodes: 1000, stackDepth: 200, threadStates: 1000 };
    const detailed = (system: System) => system.automata[0]?.detailed;
    const first = detailed(compileSystem(model, limits));
    expect(detailed(compileSystem(model, limits))).toBe(first);
    expect(detailed(compileSystem(model, limits, false))).not.toBe(first);
    expect(() => compileSystem(model, { ...limits, threadStates: 1 })).toThrow(/ENGINE_UNBOUNDED|control states/);
    const other = createWorld();
    const elsewhere = compileSystem({ ...model, world: other, threads: threadsOf(other, view.seen) }, limits);
    expect(elsewhere.edgeCount).toBeGreaterThan(0);
    expect(detailed(elsewhere)).not.toBe(first);
  });
});

describe('a view', () => {
  const looksOf = (record: object, body: (seen: Record<string, unknown>) => unknown) => {
    const view = createView(record);
    body(view.seen as Record<string, unknown>);
    return view.looks();
  };

  it.each([
    ['a field', (seen: Record<string, unknown>) => seen['a']],
    ['whether there is a field', (seen: Record<string, unknown>) => 'a' in seen],
    ['a field of its own', (seen: Record<string, unknown>) => Object.hasOwn(seen, 'a')],
    ['all fields', (seen: Record<string, unknown>) => ({ ...seen })],
    ['the names of all fields', (seen: Record<string, unknown>) => Object.keys(seen)],
  ])('tells of a look at %s', (_, body) => {
    const looks = looksOf({ a: 1 }, body);
    expect(agrees({ a: 1 }, looks)).toBe(true);
    expect(agrees({}, looks)).toBe(false);
  });

  it('tells a field that is not there from one without a value', () => {
    const looks = looksOf({}, (seen) => 'a' in seen);
    expect(agrees({}, looks)).toBe(true);
    expect(agrees({ a: undefined }, looks)).toBe(false);
  });

  it('answers as the record that it shows, and forgets what it told', () => {
    const view = createView<{ a: number; b?: number }>({ a: 1 });
    expect({ ...view.seen }).toEqual({ a: 1 });
    expect(view.looks().size).toBeGreaterThan(0);
    expect(view.looks().size).toBe(0);
    view.show({ a: 2, b: 3 });
    expect({ ...view.seen }).toEqual({ a: 2, b: 3 });
  });

  it.each([
    ['sets a field', (seen: { a: number }) => Object.assign(seen, { a: 2 })],
    ['adds one', (seen: { a: number }) => Object.assign(seen, { b: 2 })],
    ['deletes one', (seen: { a: number }) => Reflect.deleteProperty(seen, 'a')],
  ])('refuses who %s', (_, body) => {
    const view = createView({ a: 1 });
    expect(() => body(view.seen)).toThrow(TypeError);
    expect(view.seen.a).toBe(1);
  });

  it('names the function that changes it', () => {
    const world = createWorld();
    const view = createView({ a: 1 });
    const changes = kernelFunction('changes', function* () {
      yield load(cells(world).x);
      Object.assign(view.seen, { a: 2 });
      return 0;
    });
    const threads = [{ name: 't', start: changes() }];
    const compile = () => compileSystem({ name: 'm', world, threads, circumstances: { view, record: { a: 1 } } });
    expect(compile).toThrow(expect.objectContaining({ code: 'ENGINE_IMPURE', where: 'changes' }));
  });
});
