import { LockdepError } from './errors.ts';
import { lockName } from './splat/parse-line.ts';

/** A class as `/proc/lockdep` lists it. */
export interface ProcClass {
  /** Printed name, with `#N` for the Nth class of that name and `/N` for a nesting subclass. */
  readonly id: string;
  readonly lock: string;
  readonly subclass: number;
  /** Usage letters, for example `+.+.`. */
  readonly usage: string;
  /** Printed names of the classes that were taken directly inside this one. */
  readonly after: readonly string[];
}

const longest = 1024;
const classLine = /^([0-9a-f]{8,16}) (?:OPS: *\d{1,20} )?FD: *\d{1,9} BD: *\d{1,9} ([-+.?]{2,8}): (.+)$/;
const edgeLine = /^ -> \[([0-9a-f]{8,16})\] (.+)$/;

/**
 * Reads `/proc/lockdep`: the classes with their direct dependencies (the kernel prints only those at distance one).
 * Throws `FAULTPATH_BAD_PROC_LOCKDEP` for anything else, with the line.
 */
export function readProcLockdep(lines: Iterable<string>): readonly ProcClass[] {
  const classes: (ProcClass & { readonly after: string[] })[] = [];
  let number = 0;
  for (const raw of lines) {
    number++;
    const line = raw.slice(0, longest).replace(/\r?\n?$/, '');
    if (line === '' || line === 'all lock classes:') continue;
    const edge = edgeLine.exec(line);
    const last = classes[classes.length - 1];
    if (edge !== null && last !== undefined) {
      last.after.push(edge[2]!);
      continue;
    }
    const head = classLine.exec(line);
    if (head === null) {
      throw new LockdepError(
        'FAULTPATH_BAD_PROC_LOCKDEP',
        `line ${number} is neither a lock class nor a dependency of /proc/lockdep: "${line.slice(0, 80)}"`,
      );
    }
    classes.push({ ...lockName(head[3]!), usage: head[2]!, after: [] });
  }
  if (classes.length === 0) {
    throw new LockdepError('FAULTPATH_BAD_PROC_LOCKDEP', `no lock class in ${number} line(s) of /proc/lockdep`);
  }
  return classes;
}
