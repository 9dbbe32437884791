import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Symbols } from '../../src/dat/symbols.ts';

interface Line {
  readonly address: bigint;
  readonly kind: string;
  readonly name: string;
}

function table(lines: readonly Line[]): Symbols {
  const text = lines
    .map(({ address, kind, name }) => `${address.toString(16).padStart(16, '0')} ${kind} ${name}\n`)
    .join('');
  return new Symbols(Buffer.from(text, 'latin1'));
}

/** The plain way: sort by address, equal ones in reverse order of the file, and halve until something fits. */
function plainFind(lines: readonly Line[], address: bigint): string | undefined {
  const sorted = lines
    .filter(({ kind, name }) => kind.toLowerCase() !== 'a' && !name.startsWith('$'))
    .map((line, index) => ({ ...line, index }))
    .sort((a, b) => (a.address === b.address ? b.index - a.index : a.address < b.address ? -1 : 1));
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    const here = sorted[middle] as Line;
    const next = sorted[middle + 1]?.address ?? 0n;
    if (address === here.address || (address > here.address && address < next)) return here.name;
    if (address > here.address) from = middle + 1;
    else to = middle;
  }
  return undefined;
}

const address = fc
  .tuple(
    fc.constantFrom(0n, 0xffff_8000n, 0xffff_ffffn),
    fc.constantFrom(0x8100_0000n, 0xc000_0000n, 0x10n),
    fc.nat(0x3_0000),
  )
  .map(([high, low, step]) => (high << 32n) + low + BigInt(step & ~0xfff));

describe('symbols', () => {
  it('finds what sorting and halving finds, also where several symbols share an address', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(address, fc.constantFrom('T', 't', 'D', 'A', 'a')), { minLength: 1, maxLength: 60 }),
        fc.array(fc.tuple(address, fc.nat(0x1800)), { minLength: 1, maxLength: 20 }),
        (entries, wanted) => {
          const lines = entries.map(([at, kind], index) => ({
            address: at,
            kind,
            name: index % 9 === 8 ? `$x${index}` : `f${index}`,
          }));
          const symbols = table(lines);
          for (const [base, offset] of [...wanted, ...entries.map(([at]) => [at, 0] as const)]) {
            const at = base + BigInt(offset);
            const found = symbols.nameAt(Number(at >> 32n), Number(at & 0xffff_ffffn));
            expect(found).toBe(plainFind(lines, at));
          }
        },
      ),
      { numRuns: 300, seed: 11 },
    );
  });

  it('gives offsets, and addresses by name', () => {
    const symbols = table([
      { address: 0xffff_ffff_8100_0000n, kind: 'T', name: 'one' },
      { address: 0xffff_ffff_8100_0040n, kind: 'D', name: 'two' },
      { address: 0xffff_ffff_8100_0080n, kind: 'T', name: 'last' },
    ]);
    expect(symbols.withOffset(0xffff_ffff, 0x8100_0001)).toBe('one+0x1');
    expect(symbols.withOffset(0xffff_ffff, 0x8100_0040)).toBe('two+0x0');
    expect(symbols.withOffset(0xffff_ffff, 0x8100_0090)).toBeUndefined();
    expect(symbols.withOffset(0, 1)).toBeUndefined();
    expect(symbols.addressOf('two')).toBe(0xffff_ffff_8100_0040n);
    expect(symbols.addressOf('tw')).toBe(0n);
  });

  it('says where a line that is none ends the table', () => {
    const text = 'ffffffff81000000 T one\nffffffff8100zz00 T two\nffffffff81000080 T three\n';
    const damaged = new Symbols(Buffer.from(text));
    expect([damaged.size, damaged.damagedAt]).toEqual([1, 23]);
    const whole = new Symbols(Buffer.from(text.replace('zz', '00')));
    expect([whole.size, whole.damagedAt]).toEqual([3, -1]);
  });
});
