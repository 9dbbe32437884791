import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SymbolTable } from '../src/classify/memory/symbol-table.ts';

function symbolOf(table: SymbolTable, [first = 0, ...rest]: readonly number[]): number {
  table.begin(first);
  for (const token of rest) table.add(token);
  return table.end();
}

test('rows have one symbol when they are equal, and else two, however long they are', () => {
  const token = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer());
  const rows = fc.array(fc.array(token, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 100 });
  fc.assert(
    fc.property(rows, (all) => {
      const table = new SymbolTable();
      const known = new Map<string, number>();
      for (const row of [...all, ...all]) {
        const symbol = symbolOf(table, row);
        expect(known.get(String(row)) ?? symbol).toBe(symbol);
        known.set(String(row), symbol);
      }
      expect(new Set(known.values()).size).toBe(known.size);
    }),
  );
});

test('they stay the same while the table grows, until it is cleared', () => {
  const table = new SymbolTable();
  const rows = Array.from({ length: 10_000 }, (_, at) => [at & 7, at, -at, at, 0, 1, at]);
  const symbols = rows.map((row) => symbolOf(table, row));
  expect(rows.map((row) => symbolOf(table, row))).toEqual(symbols);
  expect(new Set(symbols).size).toBe(rows.length);
  // What begins like a longer row's second half is not taken for it.
  expect(symbolOf(table, [symbols[0] as number, 0])).toBe(table.symbols);
  table.clear();
  expect(table.symbols).toBe(0);
  expect(symbolOf(table, [5])).toBe(1);
});
