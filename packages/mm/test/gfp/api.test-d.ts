import { assertType, expectTypeOf } from 'vitest';
import {
  annotateGfpStream,
  currentGfpContext,
  formatGfp,
  type GfpErrorCode,
  type GfpLayout,
  gfp,
  gfpLayout,
  mayEnterFs,
  type ParsedGfp,
  parseGfp,
} from '../../src/gfp/index.ts';

expectTypeOf(gfpLayout('6.1')).toEqualTypeOf<GfpLayout>();
expectTypeOf(formatGfp(0, { kernel: '6.1', style: 'trace' })).toBeString();
expectTypeOf(parseGfp('0x0', { kernel: '6.1' })).toEqualTypeOf<ParsedGfp>();
expectTypeOf(gfp(['GFP_NOFS'], { kernel: '6.1' })).toBeNumber();
expectTypeOf(mayEnterFs).parameter(1).toHaveProperty('kernel');
expectTypeOf(annotateGfpStream([])).toExtend<AsyncIterable<Uint8Array>>();
assertType<GfpErrorCode>('GFP_NAME_UNKNOWN');

// @ts-expect-error a release is required
formatGfp(0, {});
// @ts-expect-error no such style
formatGfp(0, { kernel: '6.1', style: 'dmesg' });
// @ts-expect-error no such scope
currentGfpContext(0, { nosleep: true }, { kernel: '6.1' });
// @ts-expect-error no such option
gfpLayout('6.1', { smp: true });
// @ts-expect-error no such code
assertType<GfpErrorCode>('GFP_OOPS');
// @ts-expect-error layouts are read-only
gfpLayout('6.1').allBits = 0;
