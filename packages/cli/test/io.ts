import { type Io, main } from '../src/index.ts';

/** What a command line printed, and how it ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Setting {
  readonly stdin?: string | Uint8Array | readonly (string | Uint8Array)[];
  readonly readNow?: (into: Uint8Array) => number | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly tty?: boolean;
  readonly signal?: AbortSignal;
}

/** A copy: who writes may use the memory again. */
function bytes(chunk: string | Uint8Array): Uint8Array {
  return typeof chunk === 'string' ? new TextEncoder().encode(chunk) : Uint8Array.from(chunk);
}

/** Runs a command line in this process. */
export async function run(argv: readonly string[], setting: Setting = {}): Promise<Outcome> {
  const out: Uint8Array[] = [];
  const err: Uint8Array[] = [];
  const { stdin = [] } = setting;
  const chunks = typeof stdin === 'string' || stdin instanceof Uint8Array ? [stdin] : stdin;
  const io: Io = {
    stdin: (async function* () {
      for (const chunk of chunks) yield bytes(chunk);
    })(),
    ...(setting.readNow === undefined ? {} : { readNow: setting.readNow }),
    stdout: { write: (chunk) => void out.push(bytes(chunk)), isTTY: setting.tty ?? false, columns: 100 },
    stderr: { write: (chunk) => void err.push(bytes(chunk)), isTTY: setting.tty ?? false, columns: 100 },
    env: setting.env ?? {},
    cwd: setting.cwd ?? process.cwd(),
    interrupts: () => setting.signal ?? new AbortController().signal,
  };
  const code = await main(argv, io);
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

/** The stable code of the one error line, or the whole text where it is no such line. */
export function errorCode(outcome: Outcome): string {
  return /^faultpath: ([A-Z][A-Z0-9_]+): [^\n]+\n$/.exec(outcome.stderr)?.[1] ?? outcome.stderr;
}
