import type { Epoch } from './cpu-reader.ts';
import type { RecordingOptions } from './layout.ts';

/** Clocks that count nanoseconds; the others are printed as they are. */
const nanosecondClocks = /^(local|global|uptime|perf|mono.*|tai|boot|tsc2nsec)$/;

const threeDigits = /* @__PURE__ */ Array.from({ length: 1000 }, (_, value) => String(value).padStart(3, '0'));

/** Makes the printed form of timestamps that are counted from the first one. */
export class Clock {
  readonly #epoch: Epoch;
  readonly #options: RecordingOptions;
  readonly #nanoseconds: boolean;
  #ready = false;
  #seconds = 0;
  #rest = 0;
  /** The last second's text: events come thousands to a second. */
  #lastSecond = -1;
  #lastText = '';

  constructor(epoch: Epoch, options: RecordingOptions, clock: string | undefined) {
    this.#epoch = epoch;
    this.#options = options;
    this.#nanoseconds = options.tsc !== undefined || clock === undefined || nanosecondClocks.test(clock);
  }

  /** Nanoseconds (or ticks) since the clock's zero. */
  absolute(time: number): bigint {
    let value = this.#epoch.nanoseconds + BigInt(time);
    const { tsc, timestampOffset } = this.#options;
    if (tsc !== undefined) value = (value * tsc.mult) >> tsc.shift;
    return BigInt.asUintN(64, value + timestampOffset);
  }

  /** Seconds with six digits, rounded as trace-cmd rounds; bare ticks for clocks that don't count nanoseconds. */
  text(time: number): string {
    if (!this.#nanoseconds) return this.absolute(time).toString();
    let seconds: number;
    let nanoseconds: number;
    if (this.#options.tsc === undefined) {
      if (!this.#ready) this.#prepare();
      const total = this.#rest + time + 500;
      const carry = Math.floor(total / 1e9);
      seconds = this.#seconds + carry;
      nanoseconds = total - carry * 1e9;
    } else {
      const total = this.absolute(time) + 500n;
      seconds = Number(total / 1_000_000_000n);
      nanoseconds = Number(total % 1_000_000_000n);
    }
    if (seconds !== this.#lastSecond) {
      this.#lastSecond = seconds;
      this.#lastText = `${seconds}.`;
    }
    const micro = Math.floor(nanoseconds / 1000);
    const milli = Math.floor(micro / 1000);
    return this.#lastText + (threeDigits[milli] as string) + (threeDigits[micro - milli * 1000] as string);
  }

  #prepare(): void {
    const zero = this.absolute(0);
    this.#seconds = Number(zero / 1_000_000_000n);
    this.#rest = Number(zero % 1_000_000_000n);
    this.#ready = true;
  }
}
