/** Edits that turn one word into another; a swap of neighbours is one. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (rows[i - 1]?.[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}

/** The known word that was probably meant, if one is close enough. */
export function suggest(given: string, known: readonly string[]): string | undefined {
  // Far longer than any name of ours: no typing error, and comparing would take long.
  if (given.length > 64) return undefined;
  const word = given.toLowerCase();
  const begins = known.filter((name) => word.length >= 3 && name.toLowerCase().startsWith(word));
  if (begins.length === 1) return begins[0];
  const ranked = known
    .map((name) => ({ name, edits: distance(word, name.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  return best !== undefined && best.edits <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : undefined;
}

/** `known: a, b, c; did you mean b?` */
export function knownOnes(given: string, known: readonly string[]): string {
  const meant = suggest(given, known);
  return `known: ${known.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}
