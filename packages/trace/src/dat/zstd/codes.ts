/** The codes of sequences as the format fixes them (RFC 8878, 3.1.1.3.2.1 and 3.1.1.3.2.2). */

const numbers = (text: string): number[] => text.split(' ').map(Number);
const times = (count: number, value: number): number[] => new Array<number>(count).fill(value);

/** Each code begins where the one before ends. */
function bases(bits: Uint8Array, start: number): Int32Array {
  const base = new Int32Array(bits.length);
  let value = start;
  bits.forEach((extra, code) => {
    base[code] = value;
    value += 1 << extra;
  });
  return base;
}

/** Extra bits of each literal-length code. */
export const literalBits = /* @__PURE__ */ Uint8Array.from([
  ...times(16, 0),
  ...numbers('1 1 1 1 2 2 3 3 4 6 7 8 9 10 11 12 13 14 15 16'),
]);
export const literalBase = /* @__PURE__ */ bases(literalBits, 0);

/** The same for match lengths, which start at 3. */
export const matchBits = /* @__PURE__ */ Uint8Array.from([
  ...times(32, 0),
  ...numbers('1 1 1 1 2 2 3 3 4 4 5 7 8 9 10 11 12 13 14 15 16'),
]);
export const matchBase = /* @__PURE__ */ bases(matchBits, 3);

/** An offset's code is the number of its extra bits. */
export const offsetBits = /* @__PURE__ */ Uint8Array.from({ length: 32 }, (_, code) => code);

/** How often each code occurs where a block brings no table; -1 is "less than once". */
export const literalDefault = /* @__PURE__ */ Int16Array.from(
  numbers('4 3 2 2 2 2 2 2 2 2 2 2 2 1 1 1 2 2 2 2 2 2 2 2 2 3 2 1 1 1 1 1 -1 -1 -1 -1'),
);
export const matchDefault = /* @__PURE__ */ Int16Array.from([
  ...numbers('1 4 3 2 2 2 2 2 2'),
  ...times(37, 1),
  ...times(7, -1),
]);
export const offsetDefault = /* @__PURE__ */ Int16Array.from([
  ...numbers('1 1 1 1 1 1 2 2 2'),
  ...times(15, 1),
  ...times(5, -1),
]);
