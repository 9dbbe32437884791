import { NEEDLES } from './find.ts';
import { BANNER } from './notes.ts';
import { MARGIN, type Pair, STRIDE, scanModule } from './scan-module.ts';

/** What is looked for in a log: what announces masks, in the order of `NEEDLES`, and last the line with the release. */
export const SOUGHT: readonly string[] = [...NEEDLES, BANNER];

/**
 * For each text sought, the offset of its *place*, one of few characters that the texts share, and of another that is
 * seldom so far from it.
 */
const MARKED: readonly (readonly [place: number, other: number])[] = [
  [2, 1],
  [6, 4],
  [8, 5],
  [5, 0],
  [4, 6],
];

const PAGE = 1 << 16;

/** Looks for all texts sought at once. */
export interface Scanner {
  /**
   * Finds where one of them may be, in ascending order of the texts' places; `textAt` tells which it is. At most
   * `LONGEST_SCAN` bytes.
   * @returns how many numbers of `places` are valid, until the next call
   */
  scan(bytes: Buffer): number;
  readonly places: Uint32Array;
}

export const LONGEST_SCAN = (1 << 18) + (1 << 13);

/** Which text has its place at an offset, and -1 for none; `startOf` tells where it begins. */
export function textAt(bytes: Uint8Array, place: number): number {
  for (let index = 0; index < SOUGHT.length; index++) {
    const text = SOUGHT[index] as string;
    const start = startOf(index, place);
    let same = 0;
    while (same < text.length && bytes[start + same] === text.charCodeAt(same)) same++;
    if (same === text.length) return index;
  }
  return -1;
}

/** Where the text begins that has its place at an offset. */
export function startOf(index: number, place: number): number {
  return place - placeIn(index);
}

function placeIn(index: number): number {
  return (MARKED[index] as readonly [number, number])[0];
}

/** What is used of WebAssembly; the library of types that has it is the browser's. */
interface WebAssemblyLike {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
  ) => { readonly exports: { readonly memory: { readonly buffer: ArrayBuffer }; scan(end: number): number } };
}

/** With vector instructions; undefined where the processor or the runtime has none. */
export function vectorScanner(): Scanner | undefined {
  const { WebAssembly } = globalThis as { readonly WebAssembly?: WebAssemblyLike };
  if (WebAssembly === undefined) return undefined;
  const pairs = MARKED.map(([place, other], index): Pair => {
    const text = SOUGHT[index] as string;
    return { code: text.charCodeAt(place), other: text.charCodeAt(other), distance: other - place };
  });
  const table = 2 * MARGIN + LONGEST_SCAN + STRIDE;
  // Each byte could be a place.
  const pages = Math.ceil((table + 4 * (LONGEST_SCAN + STRIDE)) / PAGE);
  try {
    const module = new WebAssembly.Module(scanModule(pairs, table, pages));
    const { memory, scan } = new WebAssembly.Instance(module).exports;
    const text = new Uint8Array(memory.buffer, MARGIN, LONGEST_SCAN);
    return {
      places: new Uint32Array(memory.buffer, table),
      scan(bytes) {
        text.set(bytes);
        return scan(bytes.length);
      },
    };
  } catch {
    return undefined;
  }
}

/** One text after the other, which takes longer and finds the same. */
export function plainScanner(): Scanner {
  const places = new Uint32Array(LONGEST_SCAN);
  return {
    places,
    scan(bytes) {
      let count = 0;
      for (const [index, text] of SOUGHT.entries()) {
        for (let at = bytes.indexOf(text, 0, 'latin1'); at >= 0; at = bytes.indexOf(text, at + 1, 'latin1')) {
          places[count++] = at + placeIn(index);
        }
      }
      places.subarray(0, count).sort();
      return count;
    },
  };
}

let shared: Scanner | undefined;

/** The fastest that there is. All annotators share it: it keeps nothing from one call to the next. */
export function scanner(): Scanner {
  shared ??= vectorScanner() ?? plainScanner();
  return shared;
}
