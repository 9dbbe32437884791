/** Per place, the first one of its class. Places that are `apart` are told from all others: each is its own. */
export function firstOfEach(classes: ArrayLike<number>, apart?: Uint8Array): Int32Array {
  const first = new Map<number, number>();
  return Int32Array.from(classes, (each, place) => {
    if (apart?.[place] === 1) return place;
    const known = first.get(each) ?? place;
    first.set(each, known);
    return known;
  });
}
