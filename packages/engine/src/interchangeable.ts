import { type Automorphism, createVerifier, type Renaming, type Symmetric, withoutNumbers } from './automorphism.ts';
import { type Colouring, createColouring, type Point } from './colours.ts';

/** Elements kept: each costs time for every state. */
const MOST_ELEMENTS = 64;
/** Pairs looked at; a model with more has its other symmetries left unused. */
const MOST_PAIRS = 400;

/**
 * Finds out which objects are interchangeable, together with all that belongs to them: the inodes of a model, say,
 * each with its locks and with the threads that work on it; and owners, with the values that name them. Nobody has to
 * declare any of it. Not every symmetry is found; every one that is given back has been verified.
 */
export function findAutomorphisms(subject: Symmetric): readonly Automorphism[] {
  if (nothingAlike(subject)) return [];
  const colour = createColouring(subject);
  const verify = createVerifier(subject);
  const found: Automorphism[] = [];
  const apart = new Map<string, Colouring>();
  let pairs = 0;

  const toldApart = (point: Point): Colouring => {
    const key = `${point.cell} ${point.value}`;
    const known = apart.get(key) ?? colour(point);
    apart.set(key, known);
    return known;
  };

  const touched = new Set(
    subject.actions.flatMap(({ when, does }) => [
      ...when.map((guard) => guard.cell.id),
      ...does.flatMap((effect) => ('from' in effect ? [effect.cell.id, effect.from.id] : [effect.cell.id])),
    ]),
  );
  for (const points of classesOf(colour())) {
    if (!touched.has((points[0] as Point).cell)) continue;
    for (const [index, left] of points.entries()) {
      for (const right of points.slice(index + 1)) {
        if (found.length >= MOST_ELEMENTS || pairs >= MOST_PAIRS) return found;
        if (found.some((each) => takesTo(each, left, right))) continue;
        pairs++;
        const renaming = renamingOf(toldApart(left), toldApart(right));
        const automorphism = renaming === undefined ? undefined : verify(renaming);
        if (automorphism !== undefined) found.push(automorphism);
      }
    }
  }
  return found;
}

/** Most models show at a glance that no two things in them are alike. */
function nothingAlike({ cells, actions }: Symmetric): boolean {
  const names = new Set(cells.map(({ name, max, init }) => `${withoutNumbers(name)} ${max} ${init}`));
  if (names.size < cells.length) return false;
  const stored = new Map<number, Set<number>>();
  for (const { does } of actions)
    for (const effect of does)
      if ('set' in effect && effect.set !== effect.cell.init)
        stored.set(effect.cell.id, (stored.get(effect.cell.id) ?? new Set()).add(effect.set));
  return [...stored.values()].every((values) => values.size < 2);
}

/** Cells, and values of cells, that may be alike: two or more of one colour. */
function classesOf({ cells, values }: Colouring): readonly (readonly Point[])[] {
  const classes: Point[][] = [];
  const collect = (colours: Iterable<readonly [number, number]>, point: (id: number) => Point): void => {
    const byColour = new Map<number, Point[]>();
    for (const [id, colour] of colours) byColour.set(colour, [...(byColour.get(colour) ?? []), point(id)]);
    classes.push(...[...byColour.values()].filter((points) => points.length > 1));
  };
  collect(cells.entries(), (cell) => ({ cell }));
  for (const [cell, map] of values.entries()) if (map !== undefined) collect(map, (value) => ({ cell, value }));
  return classes;
}

function takesTo({ cells, values }: Automorphism, from: Point, to: Point): boolean {
  if (cells[from.cell] !== to.cell) return false;
  return from.value === undefined || (values[from.cell]?.[from.value] ?? from.value) === to.value;
}

/** Takes each colour of one colouring to the same colour of the other; what need not move stays. */
function renamingOf(left: Colouring, right: Colouring): Renaming | undefined {
  const paired = pairUp([...left.cells.entries()], [...right.cells.entries()]);
  if (paired === undefined) return undefined;
  const cells = Int32Array.from(left.cells, (_, id) => paired.get(id) as number);
  const values: (Int32Array | undefined)[] = [];
  for (const [id, map] of left.values.entries()) {
    const other = right.values[cells[id] as number];
    if ((map === undefined) !== (other === undefined)) return undefined;
    if (map === undefined || other === undefined) {
      values.push(undefined);
      continue;
    }
    const renamed = pairUp([...map], [...other]);
    if (renamed === undefined) return undefined;
    const moved = [...renamed].some(([from, to]) => from !== to);
    values.push(moved ? tableOf(renamed) : undefined);
  }
  return { cells, values };
}

function tableOf(renamed: ReadonlyMap<number, number>): Int32Array | undefined {
  const table = Int32Array.from({ length: Math.max(...renamed.keys(), ...renamed.values()) + 1 }, (_, value) => value);
  for (const [from, to] of renamed) table[from] = to;
  return table;
}

type Coloured = readonly (readonly [number, number])[];

function pairUp(left: Coloured, right: Coloured): Map<number, number> | undefined {
  if (left.length !== right.length) return undefined;
  const places = new Map<number, number[]>();
  for (const [id, colour] of right) places.set(colour, [...(places.get(colour) ?? []), id]);
  const paired = new Map<number, number>();
  for (const [id, colour] of left) {
    const free = places.get(colour);
    if (free === undefined || !free.includes(id)) continue;
    paired.set(id, id);
    free.splice(free.indexOf(id), 1);
  }
  for (const [id, colour] of left) {
    if (paired.has(id)) continue;
    const to = places.get(colour)?.shift();
    if (to === undefined) return undefined;
    paired.set(id, to);
  }
  return paired;
}
