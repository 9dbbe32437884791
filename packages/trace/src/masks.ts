import type { MaskFact, MaskSource } from '@faultpath/lockdep';
import { currentGfpContext, formatGfp, type GfpLayout, type GfpOptions, gfp, gfpLayout } from '@faultpath/mm/gfp';
import { Word } from './word.ts';

/** A recording repeats some dozens of masks; garbage must not make the tables grow. */
const MAX_KNOWN = 2048;

const NO_MASK = /* @__PURE__ */ new Word('');

/** What a mask's printed names say; `undefined` members mean that the names could not be read. */
export interface ReadMask {
  /** The table that it was read for: with another release the same text may mean other bits. */
  readonly of: ReadonlyMap<string, ReadMask>;
  readonly bits: number | undefined;
  /** By scopes: 1 for NOFS, 2 for NOIO. */
  readonly inScopes: (MaskFact | undefined)[];
  readonly fact: { readonly [how in MaskSource]: MaskFact };
  /** By the list of flags that was asked for. */
  readonly has: Map<readonly string[], boolean>;
}

/** Turns printed masks into facts, once per distinct text. */
export class MaskReader {
  private read = new Map<string, ReadMask>();
  private layout: GfpLayout | undefined;
  private options: GfpOptions;

  constructor(kernel: string) {
    this.options = { kernel };
  }

  /** Another release: the same text may mean other bits. */
  useKernel(kernel: string): void {
    if (kernel === this.options.kernel) return;
    this.options = { kernel };
    this.read = new Map();
    this.layout = undefined;
  }

  fact(word: Word | undefined, how: MaskSource): MaskFact {
    return this.lookup(word).fact[how];
  }

  /** The mask after the task's scopes; `how` is `derived`. Outside every scope that is the mask itself. */
  inScopes(word: Word | undefined, nofs: boolean, noio: boolean): MaskFact {
    const read = this.lookup(word);
    if (!nofs && !noio) return read.fact.derived;
    const scopes = { nofs, noio };
    const key = (nofs ? 1 : 0) + (noio ? 2 : 0);
    const known = read.inScopes[key];
    if (known !== undefined) return known;
    const { bits } = read;
    let fact: MaskFact = { how: 'unknown' };
    if (bits !== undefined) {
      try {
        const effective = currentGfpContext(bits, scopes, this.options);
        fact = effective === bits ? read.fact.derived : this.describe(effective, undefined, 'derived');
      } catch {
        fact = { how: 'unknown' };
      }
    }
    read.inScopes[key] = fact;
    return fact;
  }

  /** Whether a printed mask has all the named flags, also inside combined names. The list is known by its identity. */
  has(word: Word | undefined, flags: readonly string[]): boolean {
    const { bits, has } = this.lookup(word);
    if (bits === undefined) return false;
    const known = has.get(flags);
    if (known !== undefined) return known;
    const layout = this.layoutNow();
    const answer = flags.every((flag) => {
      const mask = layout.bits.get(flag) ?? layout.compounds.get(flag) ?? 0;
      return mask !== 0 && (bits & mask) === mask;
    });
    if (has.size < MAX_KNOWN) has.set(flags, answer);
    return answer;
  }

  private layoutNow(): GfpLayout {
    this.layout ??= gfpLayout(this.options.kernel);
    return this.layout;
  }

  /** An event without the field is read like one with an empty mask. */
  private lookup(word = NO_MASK): ReadMask {
    const known = word.mask;
    if (known !== undefined && known.of === this.read) return known;
    const read = this.read.get(word.text) ?? this.learn(word.text);
    word.mask = read;
    return read;
  }

  private learn(text: string): ReadMask {
    const bits = this.parse(text);
    // A recorder without names gives a number; people get the names.
    const shown = bits !== undefined && /^0x/.test(text) ? undefined : text;
    const read: ReadMask = {
      of: this.read,
      bits,
      inScopes: [],
      fact: {
        recorded: this.describe(bits, shown, 'recorded'),
        derived: this.describe(bits, shown, 'derived'),
        unknown: { how: 'unknown' },
      },
      has: new Map(),
    };
    if (this.read.size < MAX_KNOWN) this.read.set(text, read);
    return read;
  }

  private parse(text: string): number | undefined {
    if (text === 'none' || text === '0') return 0;
    let rest = 0;
    const names: string[] = [];
    for (const token of text.split('|')) {
      if (/^0x[0-9a-f]{1,8}$/.test(token)) rest |= Number.parseInt(token, 16);
      else names.push(token);
    }
    try {
      return (gfp(names, this.options) | rest) >>> 0;
    } catch {
      return undefined;
    }
  }

  private describe(bits: number | undefined, text: string | undefined, how: MaskSource): MaskFact {
    if (bits === undefined) return text === undefined ? { how } : { how, text };
    const layout = this.layoutNow();
    const has = (flag: string): boolean => (bits & (layout.bits.get(flag) ?? 0)) !== 0;
    return {
      how,
      text: text ?? formatGfp(bits, { ...this.options, style: 'trace' }),
      fs: has('__GFP_FS'),
      io: has('__GFP_IO'),
      directReclaim: has('__GFP_DIRECT_RECLAIM'),
      nolockdep: has('__GFP_NOLOCKDEP'),
    };
  }
}
