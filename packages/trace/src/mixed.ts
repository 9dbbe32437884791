/** One step of a hash over whole numbers: texts are taken four bytes at a time, the first in the lowest bits. */
export function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, -1_640_531_527);
  return product ^ (product >>> 15);
}
