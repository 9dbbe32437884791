import type { SplatKind, SplatLock } from './report.ts';

/** The kind of report that a headline opens, in the words of every era (`[ INFO: … ]` until 4.12, then `WARNING: …`). */
export function headline(text: string): SplatKind | undefined {
  if (!/^(?:\[ )?(?:INFO|WARNING): /.test(text)) return undefined;
  if (text.includes('possible circular locking dependency detected')) return 'circular';
  if (text.includes('possible recursive locking detected')) return 'recursive';
  if (text.includes('inconsistent lock state')) return 'inconsistent';
  if (text.includes('possible irq lock inversion dependency detected')) return 'irq-inversion';
  if (/-safe -> \w+-unsafe lock order detected/.test(text)) return 'irq-order';
  return undefined;
}

/** `6.1.192 #2 Not tainted`. */
export function kernelLine(text: string): string | undefined {
  const match = /^(\d{1,3}\.\d{1,5}\S{0,96}(?: #\S{1,32})?) (?:\S{1,64} )?(?:Not tainted|Tainted: )/.exec(text);
  return match?.[1];
}

/** `kswapd0/29 is trying to acquire lock:`, and the words of the other kinds. */
export function taskLine(text: string): { readonly comm: string; readonly pid: number } | undefined {
  const verb = /(?: \[HC[^ ]{1,64}\])? (?:is trying to acquire(?: lock)?|takes|just changed the state of lock):$/.exec(
    text,
  );
  if (verb === null) return undefined;
  return taskName(text.slice(0, verb.index));
}

/** `comm/pid`; a comm may hold slashes and spaces. */
export function taskName(text: string): { readonly comm: string; readonly pid: number } | undefined {
  const slash = text.lastIndexOf('/');
  const pid = text.slice(slash + 1);
  if (slash <= 0 || !/^\d{1,10}$/.test(pid)) return undefined;
  return { comm: text.slice(0, slash), pid: Number(pid) };
}

/**
 * `ff11 (mapping.invalidate_lock#4){++++}-{3:3}, at: evict+0x204/0x2c0`, in any era: address, wait types and `at` may
 * be missing. Names hold brackets themselves, so the end of the name is searched from behind.
 */
export function lockLine(text: string): SplatLock | undefined {
  const open = text.indexOf('(');
  if (open === -1) return undefined;
  const before = text.slice(0, open).trim();
  if (before !== '' && !/^[0-9a-fx()]+$/.test(before)) return undefined;
  const atIndex = text.indexOf(', at:');
  const head = atIndex === -1 ? text : text.slice(0, atIndex);
  const close = head.lastIndexOf('){');
  if (close <= open) return undefined;
  const usageEnd = head.indexOf('}', close);
  if (usageEnd === -1) return undefined;
  const waitType = /^-\{(\d+:\d+)\}/.exec(head.slice(usageEnd + 1))?.[1];
  const at = atIndex === -1 ? undefined : functionName(text.slice(atIndex + 5).trim());
  return {
    ...lockName(head.slice(open + 1, close)),
    usage: head.slice(close + 2, usageEnd),
    ...(waitType !== undefined && { waitType }),
    ...(before !== '' && { address: before }),
    ...(at !== undefined && { at }),
  };
}

/** Splits a nesting subclass off a printed name. */
export function lockName(id: string): { readonly id: string; readonly lock: string; readonly subclass: number } {
  const match = /\/(\d{1,2})$/.exec(id);
  if (match === null) return { id, lock: id, subclass: 0 };
  return { id, lock: id.slice(0, match.index), subclass: Number(match[1]) };
}

/** `-> #1 (fs_reclaim){+.+.}-{0:0}:`. */
export function linkLine(text: string): { readonly index: number; readonly lock: SplatLock } | undefined {
  const match = /^-> #(\d{1,4}) /.exec(text);
  if (match === null) return undefined;
  const lock = lockLine(text.slice(match[0].length));
  return lock && { index: Number(match[1]), lock };
}

/** `#0: ffff (fs_reclaim){+.+.}-{0:0}, at: balance_pgdat+0x2dc/0x610`. */
export function heldLine(text: string): SplatLock | undefined {
  const match = /^#\d{1,3}: */.exec(text);
  return match === null ? undefined : lockLine(text.slice(match[0].length));
}

/** A frame of a backtrace, or that the line is one that the kernel itself does not trust (`? func`). */
export function frameLine(text: string): { readonly name: string; readonly reliable: boolean } | undefined {
  const plain = text.replace(/^\[<[0-9a-f]{1,16}>\] /, '');
  const reliable = !plain.startsWith('? ');
  const name = functionName(reliable ? plain : plain.slice(2));
  return name === undefined ? undefined : { name, reliable };
}

function functionName(text: string): string | undefined {
  const plain = text.replace(/^\[<[0-9a-f]{1,16}>\] /, '');
  const match =
    /^([A-Za-z_.$][\w.$]{0,255})(?:\+0x[0-9a-f]{1,8}\/0x[0-9a-f]{1,8}| \S{1,256}:\d{1,7}(?: \[inline\])?$)/.exec(plain);
  return match?.[1];
}
