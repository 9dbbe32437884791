import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfValue, valueAt } from '../../src/gfp/find.ts';
import { annotateGfpLine, annotateGfpStream, GfpAnnotator, GfpError } from '../../src/gfp/index.ts';
import { Notes } from '../../src/gfp/notes.ts';
import { SOUGHT } from '../../src/gfp/scan.ts';

const strip = (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace(/\{gfp: [^}]*\}/g, ''), 'latin1');

function annotate(bytes: Buffer, sizes: readonly number[], kernel?: string): Buffer {
  const annotator = new GfpAnnotator(kernel === undefined ? {} : { kernel });
  const done: Buffer[] = [];
  let turn = 0;
  for (let at = 0; at < bytes.length; ) {
    const size = sizes[turn++ % sizes.length] as number;
    done.push(Buffer.from(annotator.push(bytes.subarray(at, at + size))));
    at += size;
  }
  done.push(Buffer.from(annotator.end()));
  return Buffer.concat(done);
}

/** The same with the whole log at hand, as slowly and plainly as can be. */
function expected(bytes: Buffer, kernel?: string): Buffer {
  const text = bytes.toString('latin1');
  const notes = new Notes(kernel === undefined ? {} : { kernel });
  let out = '';
  let done = 0;
  for (let from = 0; ; ) {
    const hits = SOUGHT.map((sought) => text.indexOf(sought, from));
    const at = Math.min(...hits.filter((hit) => hit >= 0));
    if (at === Number.POSITIVE_INFINITY) return Buffer.from(out + text.slice(done), 'latin1');
    from = at + 1;
    const which = hits.indexOf(at);
    if (which === SOUGHT.length - 1) {
      notes.banner(text, at);
      continue;
    }
    const start = valueAt(which, text, at);
    if (start < 0) continue;
    const end = endOfValue(text, start);
    const note = end === start ? undefined : notes.get(text, start, end);
    from = Math.max(from, end);
    if (note === undefined) continue;
    out += text.slice(done, end) + note;
    done = end;
  }
}

describe('annotateGfpLine', () => {
  it.each([
    // Names get the number, a number gets the names, a pair only gets the marks.
    [
      'kmalloc: bytes_alloc=64 gfp_flags=GFP_NOFS node=-1',
      '6.1',
      'gfp_flags=GFP_NOFS{gfp: 0xc40 +reclaim +io -fs} node',
    ],
    ['gfp_flags GFP_KERNEL cache items 3', '6.1', 'GFP_KERNEL{gfp: 0xcc0 +reclaim +io +fs} cache'],
    [
      'x: page allocation failure: order:0, mode:0x820(GFP_ATOMIC), nodemask=(null)',
      '6.8',
      '(GFP_ATOMIC){gfp: -reclaim +kswapd},',
    ],
    ['dd: page allocation failure: order:0, mode:0x2080020', '4.4', 'mode:0x2080020{gfp: GFP_ATOMIC -reclaim +kswapd}'],
    [
      'mm_compaction_try_to_compact_pages: order=2 gfp_mask=0x27000c0 mode=1',
      '4.4',
      '0x27000c0{gfp: GFP_KERNEL|GFP_NOTRACK|0x100000 +reclaim +io +fs} mode',
    ],
    [
      'XFS: fs_mark(3) possible memory allocation deadlock size 65624 in kmem_alloc (mode:0x2408240)',
      '4.8',
      '0x2408240{gfp: GFP_NOFS|__GFP_NOWARN|__GFP_ZERO +reclaim +io -fs})',
    ],
    [
      'SLUB: Unable to allocate memory on node -1 (gfp=0x2080020)',
      '4.5',
      '0x2080020{gfp: GFP_ATOMIC -reclaim +kswapd})',
    ],
    ['Page allocated via order 0, mask 0x24200ca', '4.5', '0x24200ca{gfp: GFP_HIGHUSER_MOVABLE +reclaim +io +fs}'],
    [
      'DMA: preallocated 256 KiB GFP_KERNEL|GFP_DMA pool for atomic allocations',
      '5.10',
      'GFP_DMA{gfp: 0xcc1 +reclaim +io +fs} pool',
    ],
    ['a gfp_flags=none b', '6.1', 'none{gfp: 0x0 -reclaim -kswapd} b'],
    // What can not be is said, and still changes nothing.
    ['mode:0x24200ca(GFP_HIGHUSER_MOVABLE)', '6.1', '){gfp: not 6.1, fits 4.4 to 4.9}'],
    ['gfp_flags=GFP_KERNEL|__GFP_CMA', '6.1', '__GFP_CMA{gfp: fits no known release}'],
    ['gfp_mask=0x100cca(GFP_HIGHUSER_MOVABLE)', '5.13', '){gfp: +reclaim +io +fs}'],
  ])('%s (%s)', (line, kernel, expected) => {
    const annotated = annotateGfpLine(line, { kernel });
    expect(annotated).toContain(expected);
    expect(annotated.replace(/\{gfp: [^}]*\}/g, '')).toBe(line);
  });

  it.each([
    'drm: mode:0x3 is fine',
    'gfp=3',
    'gfp_mask=foo, order=0',
    'the gfp flags are documented',
    'irq mask 0xff',
    'preallocated 12 pages',
    'gfp_mask=',
    'gfp',
    '',
  ])('leaves %s alone', (line) => {
    expect(annotateGfpLine(line, { kernel: '6.1' })).toBe(line);
  });

  it('without a release, says what all that fit agree on', () => {
    expect(annotateGfpLine('gfp_flags=GFP_NOFS|__GFP_ZERO')).toBe(
      'gfp_flags=GFP_NOFS|__GFP_ZERO{gfp: +reclaim +io -fs}',
    );
    expect(annotateGfpLine('in kmem_alloc (mode:0x2408240)')).toBe('in kmem_alloc (mode:0x2408240)');
    expect(annotateGfpLine('XFS: a(1) possible memory allocation deadlock in kmem_alloc (mode:0x2408240)')).toContain(
      '{gfp: 4.4 to 4.9 GFP_NOFS|GFP_NOWARN|GFP_ZERO +reclaim +io -fs}',
    );
    expect(annotateGfpLine('gfp_mask=0x24200ca, order=0')).toContain(
      '{gfp: 4.4 to 4.5 GFP_HIGHUSER_MOVABLE +reclaim +io +fs}',
    );
    // A number from before 4.4 is no mask of any release that is known here.
    expect(annotateGfpLine('gfp_mask=0x201da, order=0')).toContain('{gfp: give --kernel}');
  });

  it('refuses a release that it does not know', () => {
    expect(() => annotateGfpLine('', { kernel: '2.6' })).toThrow(GfpError);
  });
});

describe('GfpAnnotator', () => {
  const log = Buffer.concat([
    Buffer.from('[    0.000000] Linux version 4.8.0-1-amd64 (a@b) #1 SMP\r\n'),
    Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0a, 0x0d]),
    Buffer.from('XFS: fs_mark(3289) possible memory allocation deadlock size 65624 in kmem_alloc (mode:0x2408240)\r\n'),
    Buffer.from('x invoked oom-killer: gfp_mask=0x24280ca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO), nodemask=0\n'),
    Buffer.from(`${'y'.repeat(9000)} gfp_flags=GFP_KERNEL\n`),
    Buffer.from('Unexpected gfp: 0x2 (__GFP_HIGHMEM). Fixing up to gfp: 0x2408040 (GFP_NOFS|__GFP_ZERO)\n'),
    Buffer.from('naïve gfp_mask=0x24200ca'),
  ]);
  const whole = annotate(log, [log.length]);

  it('takes the release from the log', () => {
    const text = whole.toString('latin1');
    expect(text).toContain('mode:0x2408240{gfp: GFP_NOFS|__GFP_NOWARN|__GFP_ZERO +reclaim +io -fs})');
    expect(text).toContain('gfp_mask=0x24200ca{gfp: GFP_HIGHUSER_MOVABLE +reclaim +io +fs}');
    expect(text.split('{gfp: ')).toHaveLength(7);
  });

  it('follows a second boot with another release', () => {
    const two = Buffer.from(
      'Linux version 4.8.0\ngfp_flags=GFP_KERNEL\nLinux version 6.1.0\ngfp_flags=GFP_KERNEL\nLinux version 2.6.32\ngfp_flags=GFP_KERNEL\n',
    );
    expect(annotate(two, [two.length]).toString()).toMatch(/0x24000c0.*0xcc0.*0xcc0/s);
    expect(annotate(two, [two.length], '5.0').toString()).not.toContain('0xcc0');
  });

  it('narrows the release by the pairs that it saw', () => {
    const pair = 'x invoked oom-killer: gfp_mask=0x14200ca(GFP_HIGHUSER_MOVABLE), order=0\n';
    const xfs = 'XFS: a(1) possible memory allocation deadlock in kmem_alloc (mode:0x1408240)\n';
    expect(annotate(Buffer.from(pair + xfs), [4096]).toString()).toContain(
      '{gfp: 4.10 to 4.17 GFP_NOFS|GFP_NOWARN|GFP_ZERO',
    );
  });

  it('gives the same bytes however the log is cut', () => {
    for (const sizes of [[1], [2, 3], [7], [64], [1000], [4096], [13, 5000, 1]]) {
      expect(annotate(log, sizes).equals(whole), String(sizes)).toBe(true);
    }
  });

  it('passes every byte that is no note', () => {
    expect(strip(whole).equals(log)).toBe(true);
  });

  it('passes any bytes, cut anywhere', () => {
    const piece = fc.oneof(
      fc
        .constantFrom(
          'gfp_mask=',
          'gfp_flags=',
          'mode:0x',
          '0xcc0',
          '(GFP_KERNEL)',
          'GFP_KERNEL',
          '|',
          ' ',
          '\n',
          'Linux version ',
          '6.1',
        )
        .map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (pieces, sizes) => {
          const bytes = Buffer.from(Buffer.concat(pieces).toString('latin1').replaceAll('{', ''), 'latin1');
          const once = annotate(bytes, sizes, '6.1');
          expect(strip(once).equals(bytes)).toBe(true);
          expect(once.equals(annotate(bytes, [bytes.length + 1], '6.1'))).toBe(true);
          expect(annotate(once, sizes, '6.1').equals(once)).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('writes the notes that the whole log gives, however it is cut', () => {
    const masks = [
      'x: page allocation failure: order:0, mode:0x40dc0(GFP_KERNEL|__GFP_COMP|__GFP_ZERO), nodemask=(null)',
      'kmalloc: bytes_alloc=64 gfp_flags=GFP_ATOMIC|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC node=-1',
      'a invoked oom-killer: gfp_mask=0x24280ca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO), order=0',
      'a invoked oom-killer: gfp_mask=0x201da, order=0',
      'XFS: a(1) possible memory allocation deadlock in kmem_alloc (mode:0x2408240)',
      'mm_compaction_try_to_compact_pages: order=2 gfp_mask=0x27000c0 mode=1',
      'mm_shrink_slab_start: gfp_flags GFP_KERNEL cache items 3',
      'gfp_flags=GFP_NOFS{gfp: 0xc40 +reclaim +io -fs}',
      'Page allocated via order 0, mask 0x24200ca',
      'DMA: preallocated 256 KiB GFP_KERNEL|GFP_DMA pool for atomic allocations',
      'Unexpected gfp: 0x2 (__GFP_HIGHMEM). Fixing up to gfp: 0x2408040 (GFP_NOFS|__GFP_ZERO)',
      'gfp_flags=GFP_gfp=0xcc0',
      'Linux version 6.1.0-56-amd64 (a@b)',
      'Linux version 4.8.0',
      'drm: mode:0x3, relocated, offset 10:0x2f',
    ];
    const piece = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...masks) },
      { weight: 4, arbitrary: fc.constantFrom('\n', '\r\n', ' ', '', '\u0000\u00ff') },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
      { weight: 1, arbitrary: fc.constantFrom('-'.repeat(200), `${'y'.repeat(20_000)}\n`) },
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }),
        fc.constantFrom(undefined, '6.1', '4.8'),
        (pieces, sizes, kernel) => {
          const bytes = Buffer.from(pieces.join(''), 'latin1');
          const right = expected(bytes, kernel);
          expect(annotate(bytes, sizes, kernel).equals(right)).toBe(true);
          expect(annotate(bytes, [bytes.length + 1], kernel).equals(right)).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('passes a line on when its line feed comes', () => {
    const annotator = new GfpAnnotator({ kernel: '6.1' });
    const line = 'a gfp_flags=GFP_NOFS';
    const done = `${line}{gfp: 0xc40 +reclaim +io -fs}\n`;
    expect(annotator.push(Buffer.from(`${line}\n`)).toString()).toBe(done);
    expect(annotator.push(Buffer.from(line)).toString()).not.toContain('GFP');
    expect(annotator.push(Buffer.from(`\n${line}\nb`)).toString()).toMatch(/\{[^}]*\}\n.*\{[^}]*\}\n$/);
  });

  it('reads in its own memory, and gives back what is untouched from there', () => {
    const annotator = new GfpAnnotator({ kernel: '6.1' });
    const room = annotator.room();
    const line = Buffer.from('a gfp_flags=GFP_NOFS\n');
    room.fill('x').fill('\n', room.length - 1);
    line.copy(room, room.length >> 1);
    const parts = annotator.take(room.length);
    expect(parts.filter((part) => part.buffer === room.buffer)).toHaveLength(parts.length);
    expect(parts.length).toBeLessThan(5);
    const done = Buffer.concat(parts);
    expect(done.toString()).toContain('GFP_NOFS{gfp: 0xc40 +reclaim +io -fs}\nxxx');
    expect(strip(done).length).toBe(room.length);
    expect(annotator.end()).toHaveLength(0);
  });

  it('keeps its memory small on a line without an end', () => {
    const annotator = new GfpAnnotator({ kernel: '6.1' });
    const piece = Buffer.alloc(1 << 16, 'A');
    piece.write('gfp_flags=', 5);
    let bytes = 0;
    for (let turn = 0; turn < 64; turn++) {
      const done = annotator.push(piece);
      bytes += done.length;
      expect((turn + 1) * piece.length - bytes).toBeLessThan(8192);
    }
    expect(bytes + annotator.end().length).toBe(64 * piece.length);
    expect(annotator.annotated).toBe(0);
  });

  it('finds masks close together and far apart in large pieces', () => {
    const dense = 'kmalloc: gfp_flags=GFP_KERNEL|__GFP_ZERO node=-1\n'.repeat(5000);
    const sparse = 'nothing to see here, mode changed\n'.repeat(20000);
    const bytes = Buffer.from(dense + sparse + dense);
    const annotator = new GfpAnnotator({ kernel: '6.1' });
    const done = Buffer.concat([Buffer.from(annotator.push(bytes)), Buffer.from(annotator.end())]);
    expect(annotator.annotated).toBe(10000);
    expect(strip(done).equals(bytes)).toBe(true);
  });
});

describe('annotateGfpStream', () => {
  const collect = async (pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) => {
    const done: Buffer[] = [];
    for await (const bytes of annotateGfpStream(pieces, { kernel: '6.1' })) done.push(bytes);
    return Buffer.concat(done).toString();
  };

  it('takes pieces cut anywhere, and gives bytes that stay as they are', async () => {
    const pieces = [
      Buffer.from('a gfp_fl'),
      Buffer.from('ags=GFP_NO'),
      Buffer.from(`FS b${' '.repeat(100)}`),
      Buffer.from('c'),
    ];
    const expected = `a gfp_flags=GFP_NOFS{gfp: 0xc40 +reclaim +io -fs} b${' '.repeat(100)}c`;
    expect(await collect(pieces)).toBe(expected);
    expect(await collect(Readable.from(pieces))).toBe(expected);
  });

  it('gives nothing for nothing', async () => {
    expect(await collect([])).toBe('');
  });

  it('refuses a release that it does not know', async () => {
    await expect(annotateGfpStream([], { kernel: '2.6' }).next()).rejects.toThrow(GfpError);
  });
});
