import fc from 'fast-check';
import type { Program, Statement } from './program.ts';

/** How wild the programs are. */
export interface Style {
  /** Steps that may be errors: releases without a hold, cells out of their domain, forbidden values, exceptions. */
  readonly errors: boolean;
  /** Threads that differ in the objects they work on only, owners by number, and any of several objects. */
  readonly objects?: boolean;
}

const value = fc.integer({ min: 0, max: 2 });
const which = fc.integer({ min: 0, max: 1 });

function simple(style: Style): fc.Arbitrary<Statement> {
  const tame: fc.WeightedArbitrary<Statement>[] = [
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('load', 'store', 'await'), on: which, value }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('move'), on: which, value: fc.constant(1) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('take', 'sleep', 'wakeOne', 'wakeAll', 'note') }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('remember', 'recall', 'choose'), value }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('lock'), on: fc.integer({ min: 0, max: 2 }), body: fc.constant([]) }),
    },
  ];
  if (style.objects === true)
    tame.push({ weight: 4, arbitrary: fc.record({ do: fc.constantFrom('mine', 'claim'), body: fc.constant([]) }) });
  if (!style.errors) return fc.oneof(...tame);
  return fc.oneof(
    ...tame,
    { weight: 2, arbitrary: fc.record({ do: fc.constant('add'), on: which, value }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('move'), on: which, value: fc.constant(2) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('forbid'), on: which, value }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('give', 'throw') }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('unlock'), on: fc.integer({ min: 0, max: 2 }), body: fc.constant([]) }),
    },
  );
}

function statement(style: Style, depth: number): fc.Arbitrary<Statement> {
  if (depth === 0) return simple(style);
  const body = fc.array(statement(style, depth - 1), { maxLength: 2 });
  return fc.oneof(
    { weight: 4, arbitrary: simple(style) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constantFrom('mutex', 'trylock'), on: fc.integer({ min: 0, max: 2 }), body }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constantFrom('read', 'write', 'tryread', 'reserve'), on: which, body }),
    },
    ...(style.objects === true ? [{ weight: 2, arbitrary: fc.record({ do: fc.constant('own' as const), body }) }] : []),
    { weight: 1, arbitrary: fc.record({ do: fc.constant('if'), value, yes: body, no: body }) },
  );
}

/** Calls go to later blocks, tail calls to this one or a later one: every program has finitely many states. */
function blockOf(style: Style, index: number, count: number): fc.Arbitrary<readonly Statement[]> {
  const later: fc.Arbitrary<Statement>[] =
    index + 1 < count
      ? [fc.record({ do: fc.constant('call'), on: fc.integer({ min: index + 1, max: count - 1 }) })]
      : [];
  const body = fc.array(fc.oneof({ weight: 5, arbitrary: statement(style, 2) }, ...later), {
    minLength: 1,
    maxLength: 3,
  });
  const tail: fc.Arbitrary<readonly Statement[]> = fc.oneof(
    { weight: 6, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.record({ do: fc.constant('tail'), on: fc.integer({ min: index, max: count - 1 }) })),
    },
  );
  return fc.tuple(body, tail).map(([first, last]) => [...first, ...last]);
}

/** Random programs of a style. */
export function programs(style: Style): fc.Arbitrary<Program> {
  if (style.objects === true) return families(style);
  return fc.integer({ min: 1, max: 3 }).chain((count) =>
    fc.record({
      blocks: fc.tuple(...Array.from({ length: count }, (_, index) => blockOf(style, index, count))),
      threads: fc.array(
        fc.record({
          block: fc.integer({ min: 0, max: count - 1 }),
          arg: fc.integer({ min: 0, max: 1 }),
          daemon: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
          repeat: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
        }),
        { minLength: 2, maxLength: 4 },
      ),
      fair: fc.boolean(),
    }),
  );
}

/** Each thread again, with its objects shifted: what belongs to one object looks like what belongs to the next. */
function families(style: Style): fc.Arbitrary<Program> {
  return fc.integer({ min: 1, max: 2 }).chain((count) =>
    fc.record({
      blocks: fc.tuple(...Array.from({ length: count }, (_, index) => blockOf(style, index, count))),
      threads: fc
        .array(
          fc.record({
            block: fc.integer({ min: 0, max: count - 1 }),
            shifts: fc.constantFrom([0, 1], [0, 1, 2], [0, 0], [0]),
            daemon: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
          }),
          { minLength: 1, maxLength: 2 },
        )
        .map((kinds) =>
          kinds.flatMap(({ shifts, ...kind }) => shifts.map((shift) => ({ ...kind, shift, arg: 0, repeat: false }))),
        ),
      fair: fc.boolean(),
    }),
  );
}
