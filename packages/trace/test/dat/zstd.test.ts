import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { decompress as reference } from 'fzstd';
import { describe, expect, it } from 'vitest';
import { decodeZstd } from '../../src/dat/zstd/decode.ts';
import { ZstdError } from '../../src/dat/zstd/fse.ts';
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
