import type { MaskFact, MaskSource } from '@faultpath/lockdep';
import { currentGfpContext, formatGfp, type GfpLayout, type GfpOptions, gfp, gfpLayout } from '@faultpath/mm/gfp';

/** A recording repeats some dozens of masks; garbage must not make the tables grow. */
const MAX_KNOWN = 2048;

/** What a mask's printed names say; `undefined` members mean that the names could not be read. */
interface ReadMask {
  readonly bits: number | undefined;
  /** By scopes: 1 for NOFS, 2 for NOIO. */
  readonly inScopes: (MaskFact | undefined)[];
  readonly fact: { readonly [how in MaskSource]: MaskFact };
  /** By the list of flags that was asked for. */
  readonly has: Map<readonly string[], boolean>;
}

/** Turns printed masks into facts, once per distinct text. */
export class MaskReader {
  private readonly read = new Map<string, ReadMask>();
  private lastText: string | undefined;
  private last: ReadMask | undefined;
  private layout: GfpLayout | undefined;
  private options: GfpOptions;

  constructor(kernel: string) {
    this.options = { kernel };
  }

  /** Another release: the same text may mean other bits. */
  useKernel(kernel: string): void {
    if (kernel === this.options.kernel) return;
    this.options = { kernel };
    this.read.clear();
    this.lastText = undefined;
    this.layout = undefined;
  }

  fact(text: string, how: MaskSource): MaskFact {
    return this.lookup(text).fact[how];
  }

  /** The mask after the task's scopes; `how` is `derived`. Outside every scope that is the mask itself. */
  inScopes(text: string, nofs: boolean, noio: boolean): MaskFact {
    const read = this.lookup(text);
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
        fact = effective === bits ? this.fact(text, 'derived') : this.describe(effective, undefined, 'derived');
      } catch {
        fact = { how: 'unknown' };
      }
    }
    read.inScopes[key] = fact;
    return fact;
  }

  /** Whether a printed mask has all the named flags, also inside combined names. The list is known by its identity. */
  has(text: string, flags: readonly string[]): boolean {
    const { bits, has } = this.lookup(text);
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

  private lookup(text: string): ReadMask {
    if (text === this.lastText && this.last !== undefined) return this.last;
    const read = this.read.get(text) ?? this.learn(text);
    this.lastText = text;
    this.last = read;
    return read;
  }

  private learn(text: string): ReadMask {
    // A copy, so that the table doesn't keep the chunk of the file alive from which the text was cut.
    const copy = ` ${text}`.slice(1);
    const bits = this.parse(copy);
    // A recorder without names gives a number; people get the names.
    const shown = bits !== undefined && /^0x/.test(copy) ? undefined : copy;
    const read: ReadMask = {
      bits,
      inScopes: [],
      fact: {
        recorded: this.describe(bits, shown, 'recorded'),
        derived: this.describe(bits, shown, 'derived'),
        unknown: { how: 'unknown' },
      },
      has: new Map(),
    };
    if (this.read.size < MAX_KNOWN) this.read.set(copy, read);
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
