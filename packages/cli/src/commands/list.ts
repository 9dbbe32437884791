import type { Filesystem } from '@faultpath/mm';
import type { Command } from '../command.ts';
import { adapterOption, loadSuite } from '../load-adapters.ts';
import { requireKnown } from '../values.ts';

const kinds = ['filesystems', 'eras', 'policies', 'cases', 'rules'] as const;

export const list: Command = {
  summary: 'list filesystems, releases, policies, cases and rules',
  describe: 'Lists what the other commands accept: every name that --fs, --era, --policy, --case and --rule know.',
  arguments: [{ name: 'KIND', optional: true, says: `one of ${kinds.join(', ')}; all of them if not given` }],
  options: [adapterOption],
  examples: [
    { line: 'faultpath list', says: 'everything' },
    { line: 'faultpath list cases --json', says: 'the cases, with groups and what each protects' },
  ],
  exits: { 1: 'not used', 2: 'misuse' },
  async run(values, io) {
    const [kind] = values.words;
    if (kind !== undefined) requireKnown('KIND', kind, kinds);
    const [{ adapters, cases }, { adapterProblem, explorationRules }, { eraNames, policies }, { rules }, report] =
      await Promise.all([
        loadSuite(values, io),
        import('@faultpath/conformance'),
        import('@faultpath/mm'),
        import('@faultpath/lockdep'),
        import('@faultpath/report'),
      ]);
    const { hang, paint, padEnd, plainText, safeJson, terminalStyle, textWidth } = report;
    const whatItIs = (fs: Filesystem): string => {
      const problem = adapterProblem(fs);
      if (problem !== undefined)
        return `cannot be explored: ${problem instanceof Error ? problem.message : String(problem)}`;
      return `${fs.supports.dax ? 'DAX, ' : ''}${fs.supports.eras.join(', ')}`;
    };
    const all: Readonly<Record<(typeof kinds)[number], readonly { readonly name: string; readonly says: string }[]>> = {
      filesystems: adapters.map((fs) => ({ name: fs.name, says: whatItIs(fs) })),
      eras: eraNames.map((name) => ({
        name,
        says: adapters
          .filter((fs) => adapterProblem(fs) === undefined && fs.supports.eras.includes(name))
          .map((fs) => fs.name)
          .join(', '),
      })),
      policies: Object.values(policies).map(({ name, what }) => ({ name, says: what })),
      cases: cases.map(({ id, title, groups, level, guards }) => ({ name: id, says: title, groups, level, guards })),
      rules: [
        ...explorationRules.map((name) => ({
          name,
          says: 'told by exploration',
          level: 'error',
          page: report.rulePage(name),
        })),
        ...rules.map(({ id, title, level }) => ({ name: id, says: title, level, page: report.rulePage(id) })),
      ],
    };
    const shown = kinds.filter((each) => kind === undefined || each === kind);
    if (values.flag('json')) {
      const document = Object.fromEntries(shown.map((each) => [each, all[each]]));
      await io.stdout.write(`${safeJson({ schema: 'faultpath/list/1', ...document })}\n`);
      return 0;
    }
    const style = terminalStyle(io.stdout, io.env);
    const blocks = shown.map((each) => {
      const width = Math.max(0, ...all[each].map(({ name }) => textWidth(plainText(name))));
      const rows = all[each].flatMap(({ name, says }) =>
        hang(`  ${padEnd(plainText(name), width)}  `, plainText(says), style.width),
      );
      return [paint(style, each, 'bold'), ...rows].join('\n');
    });
    await io.stdout.write(`${blocks.join('\n\n')}\n`);
    return 0;
  },
};
