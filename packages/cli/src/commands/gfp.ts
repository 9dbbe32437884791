import type { DescribeGfpOptions, GfpDescription, GfpScopes } from '@faultpath/mm/gfp';
import type { Command } from '../command.ts';
import { CliError } from '../errors.ts';
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

export const gfp: Command = {
  summary: 'explain gfp masks, in any form and of any release',
  describe:
    'Reads masks as numbers, names, or whole lines of a log, and says what they mean: by the release given with --kernel, or by every release that fits.',
  arguments: [
    {
      name: 'MASK',
      many: true,
      says: "a mask or a line with masks, such as 0xcc0, 'GFP_NOFS|__GFP_ZERO' or 'mode:0x40dc0(...)'",
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
  ],
  exits: { 0: 'every mask was read', 1: 'not used', 2: 'a mask, release or option makes no sense' },
  async run(values, io) {
    const { describeGfp, renderGfp } = await import('@faultpath/mm/gfp');
    const { plainLines, safeJson } = await import('@faultpath/report');
    if (values.words.includes('-')) {
      throw new CliError('CLI_BAD_VALUE', '- stands among other arguments', 'give - alone to filter standard input');
    }
    const options = optionsOf(values);
    const masks = values.words.flatMap((text) => describeGfp(text, options));
    const text = values.flag('json')
      ? `${safeJson(documentOf(masks))}\n`
      : plainLines(renderGfp(masks, { explain: values.flag('explain') }));
    await io.stdout.write(text);
    return 0;
  },
};
