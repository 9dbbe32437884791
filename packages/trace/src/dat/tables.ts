/** Task names by pid, from lines `123 comm`. */
export function parseCmdlines(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const [, pid, comm] of text.matchAll(/^\s*(\d+) (.*)$/gm)) {
    if (pid !== undefined && comm !== undefined) names.set(Number(pid), comm);
  }
  return names;
}

/** Strings of the kernel by address, from lines `0xffff… : "text"`. */
export function parsePrintk(text: string): Map<bigint, string> {
  const strings = new Map<bigint, string>();
  for (const [, address, quoted] of text.matchAll(/^0x([0-9a-fA-F]{1,16})\s*:\s*"(.*)"\s*$/gm)) {
    if (address === undefined || quoted === undefined) continue;
    strings.set(BigInt(`0x${address}`), quoted.replace(/\\n$/, '').replace(/\\"/g, '"'));
  }
  return strings;
}

/** Bits of `common_flags`. */
const irqsOff = 0x01;
const needResched = 0x04;
const hardirq = 0x08;
const softirq = 0x10;
const preemptResched = 0x20;
const nmi = 0x40;
const bhOff = 0x80;

const cache = /* @__PURE__ */ new Array<string>(65536).fill('');

/** The five latency columns as the kernel's own text form prints them: irqs, resched, context, preempt depth, migration. */
export function latencyColumns(flags: number, preempt: number): string {
  const key = ((flags & 0xff) << 8) | (preempt & 0xff);
  let text = cache[key] as string;
  if (text === '') {
    text = columns(flags & 0xff, preempt & 0xff);
    cache[key] = text;
  }
  return text;
}

const contexts = /* @__PURE__ */ Uint8Array.from({ length: 256 }, (_, flags) => columns(flags, 0).charCodeAt(2));

/** The character code of the third of these columns alone. */
export function contextColumn(flags: number): number {
  return contexts[flags & 0xff] as number;
}

function columns(flags: number, preempt: number): string {
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const irqs = has(irqsOff) ? (has(bhOff) ? 'D' : 'd') : has(bhOff) ? 'b' : '.';
  const resched = has(needResched) ? (has(preemptResched) ? 'N' : 'n') : has(preemptResched) ? 'p' : '.';
  const context = has(nmi)
    ? has(hardirq)
      ? 'Z'
      : 'z'
    : has(hardirq)
      ? has(softirq)
        ? 'H'
        : 'h'
      : has(softirq)
        ? 's'
        : '.';
  const nibble = (value: number): string => (value === 0 ? '.' : value.toString(16));
  return irqs + resched + context + nibble(preempt & 15) + nibble(preempt >> 4);
}
