/** Where a field of the state vector lies. */
export interface Field {
  readonly word: number;
  readonly shift: number;
  /** Unshifted: the largest value the field can hold. */
  readonly mask: number;
}

/** The packed state vector: one field per thread, then one per shared cell. */
export interface Layout {
  readonly threads: readonly Field[];
  readonly cells: readonly Field[];
  readonly words: number;
}

/** Packs fields into 32-bit words; `sizes` are numbers of values. A field never crosses a word. */
export function createLayout(threadSizes: readonly number[], cellSizes: readonly number[]): Layout {
  const used: number[] = [];
  const place = (size: number): Field => {
    const bits = Math.max(1, Math.ceil(Math.log2(size)));
    let word = used.findIndex((taken) => taken + bits <= 32);
    if (word < 0) {
      word = used.length;
      used.push(0);
    }
    const shift = used[word] as number;
    used[word] = shift + bits;
    return { word, shift, mask: bits === 32 ? -1 : 2 ** bits - 1 };
  };
  const threads = threadSizes.map(place);
  const cells = cellSizes.map(place);
  return { threads, cells, words: Math.max(1, used.length) };
}

/** Reads a field. */
export function readField(field: Field, words: Int32Array, base = 0): number {
  return ((words[base + field.word] as number) >>> field.shift) & field.mask;
}

/** Writes a field. */
export function writeField(field: Field, words: Int32Array, value: number): void {
  const old = words[field.word] as number;
  words[field.word] = (old & ~(field.mask << field.shift)) | (value << field.shift);
}
