/** A place is worth a look where a character stands, and another one at a distance from it. */
export interface Pair {
  readonly code: number;
  readonly other: number;
  /** From -16 to 16. */
  readonly distance: number;
}

/** So many bytes are looked at in one turn of the loop. */
export const STRIDE = 32;
/** The text begins here, and as much behind its end may be read, with a stride. */
export const MARGIN = 16;
const VECTOR = 16;

const I32 = 0x7f;
const V128 = 0x7b;
const FUNCTION = 0x60;
const NO_RESULT = 0x40;

// Locals of the one function: its parameter, three numbers, one vector of equal bytes for each character, two results.
const END = 0;
const AT = 1;
const OUT = 2;
const BITS = 3;
const FIRST_VECTOR = 4;

function unsigned(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) out.push((rest & 0x7f) | 0x80);
  return [...out, rest];
}

function signed(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  for (; rest < -0x40 || rest > 0x3f; rest >>= 7) out.push((rest & 0x7f) | 0x80);
  return [...out, rest & 0x7f];
}

const list = (items: readonly (readonly number[])[]) => [...unsigned(items.length), ...items.flat()];
const section = (id: number, body: readonly number[]) => [id, ...unsigned(body.length), ...body];
const text = (value: string) => [...unsigned(value.length), ...Buffer.from(value, 'latin1')];

const get = (local: number) => [0x20, ...unsigned(local)];
const set = (local: number) => [0x21, ...unsigned(local)];
const tee = (local: number) => [0x22, ...unsigned(local)];
const constant = (value: number) => [0x41, ...signed(value)];
const vectorOp = (code: number) => [0xfd, ...unsigned(code)];
const block = (...body: readonly number[][]) => [0x02, NO_RESULT, ...body.flat(), 0x0b];
const loop = (...body: readonly number[][]) => [0x03, NO_RESULT, ...body.flat(), 0x0b];
const when = (...body: readonly number[][]) => [0x04, NO_RESULT, ...body.flat(), 0x0b];
const branch = (depth: number) => [0x0c, ...unsigned(depth)];
const branchIf = (depth: number) => [0x0d, ...unsigned(depth)];

const I32_STORE = [0x36, 2, 0];
const I32_AT_OR_PAST = [0x4f];
const I32_TRAILING_ZEROS = [0x68];
const I32_ADD = [0x6a];
const I32_SUBTRACT = [0x6b];
const I32_AND = [0x71];
const I32_OR = [0x72];
const I32_SHIFT_LEFT = [0x74];
const I32_SHIFT_RIGHT = [0x76];
const V128_LOAD = vectorOp(0);
const V128_AND = vectorOp(78);
const V128_OR = vectorOp(80);
const V128_ANY = vectorOp(83);
const BYTES_SPLAT = vectorOp(15);
const BYTES_EQUAL = vectorOp(35);
const BYTES_MASK = vectorOp(100);

/**
 * A WebAssembly module with a memory of `pages` pages and a function `scan(end)`: it looks through a text of `end` bytes,
 * which begins `MARGIN` into the memory, writes the offset of each place that has one of `pairs` as a 32-bit number to
 * `table` and on, in ascending order, and gives their count. Places may lie past the end by less than a stride.
 *
 * Sixteen bytes are compared by one instruction, which no loop over a typed array comes near: a log passes at the speed at
 * which it is read. Pairs that share their first character cost less than others.
 */
export function scanModule(pairs: readonly Pair[], table: number, pages: number): Uint8Array {
  const codes = [...new Set(pairs.flatMap(({ code, other }) => [code, other]))];
  const firsts = [...new Set(pairs.map(({ code }) => code))];
  const low = FIRST_VECTOR + codes.length;
  const high = low + 1;
  const anyOf = (vectors: readonly number[][]) =>
    vectors.flatMap((vector, index) => (index === 0 ? vector : [...vector, ...V128_OR]));
  /** Which of the sixteen bytes at a distance from the place are a character. */
  const equal = (code: number, distance: number) => [
    ...[...get(AT), ...V128_LOAD, 0, ...unsigned(MARGIN + distance)],
    ...[...get(FIRST_VECTOR + codes.indexOf(code)), ...BYTES_EQUAL],
  ];
  /** Which of the sixteen places from `AT + skip` on have one of the pairs. */
  const places = (skip: number) =>
    anyOf(
      firsts.map((first) => {
        const others = pairs.filter(({ code }) => code === first);
        const found = anyOf(others.map(({ other, distance }) => equal(other, skip + distance)));
        return [...equal(first, skip), ...found, ...V128_AND];
      }),
    );
  const body = [
    ...codes.flatMap((code, index) => [...constant(code), ...BYTES_SPLAT, ...set(FIRST_VECTOR + index)]),
    ...[...constant(table), ...set(OUT)],
    ...block(
      loop(
        [...get(AT), ...get(END), ...I32_AT_OR_PAST, ...branchIf(1)],
        [...places(0), ...tee(low), ...places(VECTOR), ...tee(high), ...V128_OR, ...V128_ANY],
        when(
          [...get(low), ...BYTES_MASK],
          [...get(high), ...BYTES_MASK, ...constant(VECTOR), ...I32_SHIFT_LEFT, ...I32_OR, ...set(BITS)],
          loop(
            [...get(OUT), ...get(AT), ...get(BITS), ...I32_TRAILING_ZEROS, ...I32_ADD, ...I32_STORE],
            [...get(OUT), ...constant(4), ...I32_ADD, ...set(OUT)],
            // Clears the lowest bit, and goes on while one is left.
            [...get(BITS), ...get(BITS), ...constant(1), ...I32_SUBTRACT, ...I32_AND, ...tee(BITS), ...branchIf(0)],
          ),
        ),
        [...get(AT), ...constant(STRIDE), ...I32_ADD, ...set(AT), ...branch(0)],
      ),
    ),
    ...[...get(OUT), ...constant(table), ...I32_SUBTRACT, ...constant(2), ...I32_SHIFT_RIGHT, 0x0b],
  ];
  const locals = list([
    [3, I32],
    [codes.length + 2, V128],
  ]);
  return Uint8Array.from([
    ...[0, ...Buffer.from('asm'), 1, 0, 0, 0],
    ...section(1, list([[FUNCTION, ...list([[I32]]), ...list([[I32]])]])),
    ...section(3, list([[0]])),
    ...section(5, list([[0, ...unsigned(pages)]])),
    ...section(
      7,
      list([
        [...text('memory'), 2, 0],
        [...text('scan'), 0, 0],
      ]),
    ),
    ...section(10, list([[...unsigned(locals.length + body.length), ...locals, ...body]])),
  ]);
}
