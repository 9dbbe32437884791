import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { decompress as reference } from 'fzstd';
import { describe, expect, it } from 'vitest';
import { decodeZstd } from '../../src/dat/zstd/decode.ts';
import { ZstdError } from '../../src/dat/zstd/fse.ts';
import { type NativeZstd, nativeZstd } from '../../src/dat/zstd/native.ts';
import { unpackZstd } from '../../src/dat/zstd/unpack.ts';
import { fixture } from './collect.ts';

const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** The zstd frames in a recording: from each magic on, with the sizes that stand in the eight bytes before it. */
function framesOf(name: string): { packed: Uint8Array; size: number }[] {
  const bytes = readFileSync(fixture(name));
  const frames: { packed: Uint8Array; size: number }[] = [];
  for (let at = bytes.indexOf(magic); at !== -1; at = bytes.indexOf(magic, at + 1)) {
    const length = bytes.readUInt32LE(at - 8);
    if (at + length <= bytes.length)
      frames.push({ packed: bytes.subarray(at, at + length), size: bytes.readUInt32LE(at - 4) });
  }
  return frames;
}

const frames = [...framesOf('xfs-dax-write-hole.v7zstd.dat'), ...framesOf('many-faults-start.v7zstd.dat')];

describe('the zstd decoder', () => {
  it('gives what another decoder gives, for every frame of the recordings', () => {
    expect(frames.length).toBeGreaterThan(10);
    for (const { packed, size } of frames) {
      const plain = decodeZstd(packed, size);
      expect(plain.length).toBe(size);
      expect(Buffer.compare(plain, reference(packed))).toBe(0);
    }
  });

  it('reads raw and repeated blocks, skippable frames and several frames', () => {
    const raw = [...magic, 0x20, 3, (3 << 3) | 1, 0, 0, 1, 2, 3];
    const repeated = [...magic, 0x20, 5, (5 << 3) | 3, 0, 0, 9];
    const skippable = [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 7, 7];
    const all = Uint8Array.from([...raw, ...skippable, ...repeated]);
    expect([...decodeZstd(all, 8)]).toEqual([1, 2, 3, 9, 9, 9, 9, 9]);
    expect(() => decodeZstd(all, 7)).toThrow(ZstdError);
  });

  it('refuses damage, or gives other bytes of at most the asked size, and never reaches outside', () => {
    fc.assert(
      fc.property(
        fc.nat(frames.length - 1),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (which, changes, cut) => {
          const { packed, size } = frames[which] as (typeof frames)[number];
          let damaged: Uint8Array = Uint8Array.from(packed);
          for (const [at, value] of changes)
            damaged[Math.min(packed.length - 1, Math.floor(at * packed.length))] = value;
          if (cut) damaged = damaged.subarray(0, Math.floor((changes[0]?.[0] ?? 0) * packed.length));
          try {
            expect(decodeZstd(damaged, size).length).toBeLessThanOrEqual(size);
          } catch (error) {
            if (!(error instanceof ZstdError)) throw error;
          }
        },
      ),
      { numRuns: 300, seed: 7 },
    );
  });
});

describe("Node's own zstd decoder", () => {
  const packed = Uint8Array.from([...magic, 0x20, 3, (3 << 3) | 1, 0, 0, 1, 2, 3]);
  const right = Uint8Array.from([1, 2, 3]);

  it('is asked first', () => {
    const native: NativeZstd = () => ({ plain: right, read: packed.length });
    expect(unpackZstd(packed, 3, undefined, native)).toBe(right);
  });

  it.each<[string, NativeZstd | null]>([
    ['is not there', null],
    [
      'throws',
      () => {
        throw new RangeError('too long');
      },
    ],
    ['gives too little', () => ({ plain: right.subarray(1), read: packed.length })],
    ['leaves some of the input', () => ({ plain: Uint8Array.from([7, 7, 7]), read: packed.length - 1 })],
  ])('is not needed: ours answers where it %s', (_, native) => {
    expect([...unpackZstd(packed, 3, undefined, native)]).toEqual([1, 2, 3]);
    expect(() => unpackZstd(packed.subarray(0, 9), 3, undefined, native)).toThrow(ZstdError);
  });

  it('shares no memory with ours: what it gave is not written over', () => {
    const first = Uint8Array.from({ length: 64 }, () => 5);
    unpackZstd(packed, 3, first.subarray(0, 3), () => ({ plain: first, read: 0 }));
    expect(new Set(first)).toEqual(new Set([5]));
  });

  it.skipIf(nativeZstd === null)('says the same as ours of every frame, whole or damaged', () => {
    const said = (of: NativeZstd | null, bytes: Uint8Array, size: number): Buffer | string => {
      try {
        return Buffer.from(unpackZstd(bytes, size, undefined, of));
      } catch (error) {
        return String(error);
      }
    };
    for (const { packed: whole, size } of frames) {
      const behind = Uint8Array.from([...whole, 1, 2, 3]);
      for (const bytes of [whole, behind, whole.subarray(0, whole.length >> 1)]) {
        expect(said(nativeZstd, bytes, size)).toEqual(said(null, bytes, size));
      }
      expect(nativeZstd?.(whole, size).plain.length).toBe(size);
    }
  });
});
