/** Marks an adapter with the copy of this package that made it; the same symbol in every copy. */
export const copyMark = Symbol.for('@faultpath/mm/copy');

/** One copy of this package in memory. */
export interface PackageCopy {
  /** The file it was loaded from. */
  readonly at: string;
}

/** This copy: an ES module and a CommonJS one of the same installation are two. */
export const thisCopy: PackageCopy = Object.freeze({
  at: typeof __filename === 'string' ? __filename : import.meta.url,
});
