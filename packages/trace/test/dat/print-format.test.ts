import { describe, expect, it } from 'vitest';
import { evaluateNumber } from '../../src/dat/print-evaluate.ts';
import { PrintFormatError } from '../../src/dat/print-lexer.ts';
import { parsePrintFormat } from '../../src/dat/print-parser.ts';
import { type Conversion, formatInteger, formatText, parseFormat } from '../../src/dat/printf.ts';
import { Symbols } from '../../src/dat/symbols.ts';

const event = {
  bytes: new Uint8Array(0),
  view: new DataView(new ArrayBuffer(0)),
  start: 0,
  size: 0,
  littleEndian: true,
};
const context = {
  symbols: () => new Symbols(Buffer.from('ffffffff81000010 D vmemmap_base\n')),
  printk: () => undefined,
  longSize: 8,
} as const;

const value = (expression: string): bigint => {
  const [node] = parsePrintFormat(`"%d", ${expression}`, new Map()).args;
  if (node === undefined) throw new Error('no argument');
  return evaluateNumber(node, event, context);
};

describe('arguments of a print format', () => {
  it.each([
    ['1 + 2 * 3', 7n],
    ['(1 + 2) * 3', 9n],
    ['1 << 4 | 1', 17n],
    ['0x10u & ~0x10UL', 0n],
    ['010', 8n],
    ['1 > 0 && 0 || 2 > 1 ? 5 : 6', 5n],
    ['0 ? 1 : 0 ? 2 : 3', 3n],
    ['-1UL', 0xffff_ffff_ffff_ffffn],
    ['(u8)0x1ff', 0xffn],
    ['(unsigned int)-1', 0xffff_ffffn],
    ["'a'", 97n],
    ['5 / 0', 0n],
    ['((struct page *)vmemmap_base) + (2)', 0xffff_ffff_8100_0012n],
  ])('%s', (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });

  it.each([
    ['"%d", f(1)'],
    ['"%d", REC->nothing'],
    ['"%d", 1 +'],
    ['"%d", (1'],
    ['%d'],
    [`"%d", ${'('.repeat(5000)}1`],
  ])('refuses %#', (text) => {
    expect(() => parsePrintFormat(text, new Map())).toThrow(PrintFormatError);
  });
});

describe('conversions', () => {
  const conversion = (format: string): Conversion => {
    const [piece] = parseFormat(format);
    if (piece === undefined || 'text' in piece) throw new Error('no conversion');
    return piece.conversion;
  };

  it.each([
    ['%d', 0xffff_ffffn, '-1'],
    ['%u', 0xffff_ffff_ffffn, '4294967295'],
    ['%lld', 0xffff_ffff_ffff_fffen, '-2'],
    ['%hhd', 0x80n, '-128'],
    ['%08lx', 0xabcn, '00000abc'],
    ['%#x', 0n, '0'],
    ['%#X', 255n, '0XFF'],
    ['%o', 8n, '10'],
    ['%5d|', 42n, '   42'],
    ['%-5d|', 42n, '42   '],
    ['%+d', 1n, '+1'],
    ['%.3d', 7n, '007'],
    ['%c', 65n, 'A'],
  ])('%s of %s', (format, number, expected) => {
    const { width, precision, ...rest } = conversion(format);
    const measure = (size: number | '*' | undefined): number | undefined => (size === '*' ? undefined : size);
    expect(formatInteger(number, { ...rest, width, precision }, measure(width), measure(precision))).toBe(expected);
  });

  it('cuts and fills text', () => {
    expect(formatText('abcdef', '', undefined, 3)).toBe('abc');
    expect(formatText('ab', '-', 4)).toBe('ab  ');
    expect(formatText('ab', '', 4)).toBe('  ab');
  });

  it('tells pointer forms from the text behind them', () => {
    expect(parseFormat('%pS,%ps %p %pI4x 100%%')).toMatchObject([
      { conversion: { letter: 'p', suffix: 'S' } },
      { text: ',' },
      { conversion: { letter: 'p', suffix: 's' } },
      { text: ' ' },
      { conversion: { letter: 'p', suffix: '' } },
      { text: ' ' },
      { conversion: { letter: 'p', suffix: 'I4' } },
      { text: 'x 100%' },
    ]);
  });
});
