const G = 0x67;
const F = 0x66;
const P = 0x70;

/**
 * Offset of the first `gfp` from `from` on, -1 if there is none before `size`.
 *
 * Looks at every third byte, and closer only where that one may belong to a `gfp`. `Buffer.indexOf` takes twice as long:
 * it stops at every `g`, and calling it costs as much as the way from one event of a trace to the next.
 */
export function indexOfGfp(bytes: Uint8Array, from: number, size: number): number {
  let at = from + 2;
  while (at < size) {
    let byte = bytes[at] as number;
    if (byte < F || byte > P) {
      if (at + 6 >= size) {
        at += 3;
        continue;
      }
      // Two more strides before the loop's own checks: most of a log is passed here.
      byte = bytes[at + 3] as number;
      if (byte < F || byte > P) {
        byte = bytes[at + 6] as number;
        if (byte < F || byte > P) {
          at += 9;
          continue;
        }
        at += 6;
      } else at += 3;
    }
    if (byte === P) {
      if (bytes[at - 1] === F && bytes[at - 2] === G) return at - 2;
      at += 3;
    } else at += byte === F ? 1 : byte === G ? 2 : 3;
  }
  return -1;
}
