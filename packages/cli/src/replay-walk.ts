import type { Replay } from '@faultpath/conformance';
import type { TerminalStyle } from '@faultpath/report';
import type { Io } from './io.ts';
import { linesOf } from './lines.ts';
import { stateText } from './replay-text.ts';

/** The states to walk through: `from` is shown first, `to` is the last there is. */
export interface Walk {
  readonly from: number;
  readonly to: number;
}

/**
 * Shows one state after another, as the lines of standard input say: `n` or an empty line for the next, `b` for the one
 * before, a number for that one, `q` to end. Other lines are answered with what is understood.
 */
export async function walk(
  stateAfter: (steps: number) => Replay,
  { from, to }: Walk,
  io: Io,
  report: typeof import('@faultpath/report'),
  style: TerminalStyle,
): Promise<void> {
  const help = `n: next, b: back, 0 to ${to}: there, q: end`;
  let at = from;
  const show = async (said: string | undefined): Promise<void> => {
    const prompt = io.stdout.isTTY ? `${help} > ` : '';
    await io.stdout.write(`${said ?? stateText(stateAfter(at), report, style)}\n${prompt}`);
  };
  await show(undefined);
  for await (const line of linesOf(io.stdin)) {
    const word = line.trim().toLowerCase();
    if (word === 'q') return;
    const wanted = targetOf(word, at);
    if (wanted === undefined) await show(help);
    else if (wanted < 0 || wanted > to) await show(wanted < 0 ? 'This is the start.' : `There are ${to} steps.`);
    else {
      at = wanted;
      await show(undefined);
    }
  }
}

function targetOf(word: string, at: number): number | undefined {
  if (word === '' || word === 'n') return at + 1;
  if (word === 'b') return at - 1;
  return /^\d+$/.test(word) ? Number(word) : undefined;
}
