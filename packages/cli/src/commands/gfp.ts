import type { DescribeGfpOptions, GfpDescription, GfpScopes } from '@faultpath/mm/gfp';
import type { Command, ExitCode } from '../command.ts';
import { CliError } from '../errors.ts';
import { inputReader, openInput } from '../input.ts';
import type { Io } from '../io.ts';
import type { Values } from '../values.ts';

const scopeNames = [
  'nofs',
  'noio',
  'pin',
  'nocma',
  'noreclaim',
  'nowarn',
  'memalloc',
] as const satisfies readonly (keyof GfpScopes)[];

function optionsOf(values: Values): DescribeGfpOptions {
  const kernel = values.text('kernel');
  const scopes = values.list('scope');
  return {
    ...(kernel === undefined ? {} : { kernel }),
    ...(scopes === undefined ? {} : { scopes: Object.fromEntries(scopes.map((name) => [name, true])) }),
  };
}

function documentOf(masks: readonly GfpDescription[]): unknown {
  return { schema: 'faultpath/gfp/1', masks };
}

async function filter(values: Values, io: Io): Promise<ExitCode> {
  if (values.words.length > 1)
    throw new CliError('CLI_BAD_VALUE', '- stands among other arguments', 'give - alone to filter standard input');
  const { scopes, ...options } = optionsOf(values);
  if (values.flag('json')) {
    const { collectMasks } = await import('../gfp-log.ts');
    const { safeJson } = await import('@faultpath/report');
    const found = await collectMasks(openInput('-', io), scopes === undefined ? options : { ...options, scopes });
    await io.stdout.write(`${safeJson({ schema: 'faultpath/gfp-log/1', ...found })}\n`);
    return 0;
  }
  for (const name of ['scope', 'explain']) {
    if (values.list(name) !== undefined)
      throw new CliError('CLI_BAD_VALUE', `--${name} makes no sense for a filter`, 'leave it out, or add --json');
  }
  const { GfpAnnotator } = await import('@faultpath/mm/gfp');
  const annotator = new GfpAnnotator(options);
  const read = inputReader(io);
  for (let length = await read(annotator.room()); length > 0; length = await read(annotator.room())) {
    for (const part of annotator.take(length)) await io.stdout.write(part);
  }
  await io.stdout.write(annotator.end());
  return 0;
}

export const gfp: Command = {
  summary: 'explain gfp masks, in any form and of any release',
  describe:
    'Reads masks as numbers, names, or whole lines of a log, and says what they mean: by the release given with --kernel, or by every release that fits. With - alone it is a filter: it puts a note behind every mask of standard input and changes nothing else.',
  arguments: [
    {
      name: 'MASK',
      many: true,
      says: "a mask or a line with masks, such as 0xcc0, 'GFP_NOFS|__GFP_ZERO' or 'mode:0x40dc0(...)'; - filters standard input",
    },
  ],
  options: [
    { name: 'kernel', value: 'RELEASE', says: 'the release, such as 6.1, v4.9 or the output of uname -r' },
    {
      name: 'scope',
      value: 'SCOPE',
      many: true,
      choices: scopeNames,
      says: 'task scopes that are open at the allocation',
    },
    { name: 'explain', says: 'say in sentences what each mask permits' },
  ],
  examples: [
    { line: 'faultpath gfp 0xcc0 --kernel 6.1', says: 'the name of a number in one release' },
    {
      line: "faultpath gfp 'GFP_KERNEL|__GFP_ZERO' --kernel 6.1 --scope nofs --explain",
      says: 'what a NOFS scope leaves of a mask',
    },
    { line: "faultpath gfp 'mode:0x24280ca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO)'", says: 'which releases print this pair' },
    {
      line: 'dmesg | faultpath gfp -',
      says: 'the log, with a note behind each mask; the release is taken from the log itself',
    },
    {
      line: 'faultpath gfp - --json --kernel 5.10 < kern.log',
      says: 'the different masks of a log, with how often each occurs',
    },
  ],
  exits: { 0: 'every mask was read', 1: 'not used', 2: 'a mask, release or option makes no sense' },
  async run(values, io) {
    if (values.words.includes('-')) return filter(values, io);
    const { describeGfp, renderGfp } = await import('@faultpath/mm/gfp');
    const { plainLines, safeJson } = await import('@faultpath/report');
    const options = optionsOf(values);
    const masks = values.words.flatMap((text) => describeGfp(text, options));
    const text = values.flag('json')
      ? `${safeJson(documentOf(masks))}\n`
      : plainLines(renderGfp(masks, { explain: values.flag('explain') }));
    await io.stdout.write(text);
    return 0;
  },
};
