import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Cell, CellOutcome, ConformanceCase, Expectation, PlannedCell, Selection } from '@faultpath/conformance';
import type { Command, ExitCode } from '../command.ts';
import { CliError } from '../errors.ts';
import { inputName, readInput } from '../input.ts';
import type { Io } from '../io.ts';
import { adapterModules, adapterOption, loadSuite } from '../load-adapters.ts';
import { boundsOption, patienceOf } from '../locate-cell.ts';
import { runMutantsCommand } from '../mutants.ts';
import { withProgress } from '../progress.ts';
import { checkReportOptions, giveReports, reportOptions } from '../reports.ts';
import { runTwinsCommand } from '../twins.ts';
import type { Values } from '../values.ts';
import { version } from '../version.ts';
import { chooseWitnesses, type TellableCell } from '../witnesses.ts';

/** Up to here one thread is faster. */
const FEW_CELLS = 4;

function shardOf(values: Values): Selection['shard'] {
  const text = values.text('shard');
  if (text === undefined) return undefined;
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (shard.index >= 1 && shard.index <= shard.of) return shard;
  throw new CliError('CLI_BAD_VALUE', `--shard ${JSON.stringify(text)} is no shard`, 'write i/n, from 1/n to n/n');
}

async function selectionOf(values: Values): Promise<Selection> {
  const shard = shardOf(values);
  const lists = (['fs', 'era', 'policy', 'case', 'rule'] as const).flatMap((name) => {
    const list = values.list(name);
    return list === undefined ? [] : [[name, list] as const];
  });
  const bounds = values.list('bounds');
  return {
    ...Object.fromEntries(lists),
    ...(bounds === undefined ? {} : { bounds: (await import('@faultpath/conformance')).parseBounds(bounds) }),
    ...(shard === undefined ? {} : { shard }),
  };
}

async function expectationsOf(
  values: Values,
  io: Io,
  cases: readonly ConformanceCase[],
): Promise<readonly Expectation[]> {
  const path = values.text('expectations');
  if (path !== undefined) {
    const { parseExpectations } = await import('@faultpath/conformance');
    return parseExpectations(
      await readInput(path, io),
      inputName(path),
      cases.map(({ id }) => id),
    );
  }
  // What is known of the bundled filesystems says nothing of a stranger's.
  if (values.list('adapter') !== undefined || values.flag('no-expectations')) return [];
  return (await import('@faultpath/integration')).expectations;
}

/** What every shard of a run has in common. */
function runDigest(planned: readonly PlannedCell[], expectations: readonly Expectation[], values: Values): string {
  const cells = planned.map(({ subject, setting }) => [
    setting.fs.name,
    setting.era,
    setting.policy,
    subject.id,
    subject.larger,
  ]);
  const asked = [cells, expectations, values.list('rule'), values.whole('max-states', 1), values.flag('no-reductions')];
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex').slice(0, 16);
}

async function writeExpectations(
  path: string,
  known: readonly Expectation[],
  outcomes: readonly CellOutcome[],
  io: Io,
): Promise<void> {
  const { updateExpectations } = await import('@faultpath/conformance');
  const { writeWhole } = await import('@faultpath/report');
  const today = new Date().toISOString().slice(0, 10);
  const results = outcomes.map(({ result }) => result);
  const { expect, added, removed } = updateExpectations(known, results, today);
  const file = { schema: 'faultpath/expectations/1', expect };
  await writeWhole(resolve(io.cwd, path), `${JSON.stringify(file, null, 2)}\n`);
  const fill = added > 0 ? '; fill in reason and link of what was added' : '';
  await io.stderr.write(`faultpath: ${inputName(path)}: ${added} added, ${removed} removed${fill}\n`);
}

async function tellable(outcomes: readonly CellOutcome[]): Promise<readonly TellableCell[]> {
  const { viewWitness } = await import('@faultpath/conformance');
  return outcomes.flatMap(({ result, witness }) => {
    if (witness === undefined) return [];
    const finding = result.findings.find((each) => each.schedule === witness.schedule) ?? result.findings[0];
    if (finding === undefined) return [];
    return [{ result, claim: finding.claim, witness: () => viewWitness(witness, finding, result) }];
  });
}

export const conformance: Command = {
  summary: 'explore every case of the suite and print the table',
  describe:
    'Explores every interleaving of each case, for each filesystem, release and mask policy, and prints the table with one run that shows a deadlock, where there is one. Ctrl-C ends the run after the current cell and prints what is known.',
  arguments: [],
  options: [
    { name: 'fs', value: 'NAME', many: true, says: 'only these filesystems' },
    { name: 'era', value: 'RELEASE', many: true, says: 'only these releases, such as v6.1' },
    { name: 'policy', value: 'NAME', many: true, says: 'only these mask policies' },
    { name: 'case', value: 'ID', many: true, says: 'only these cases, or groups of cases' },
    { name: 'rule', value: 'ID', many: true, says: 'only what these rules say' },
    adapterOption,
    { name: 'expectations', value: 'FILE', says: 'known failures; those of the bundled filesystems if not given' },
    { name: 'no-expectations', says: 'expect no failure' },
    {
      name: 'update-expectations',
      says: 'write what failed and passed into the file of --expectations, reasons to be filled in',
    },
    boundsOption,
    { name: 'max-states', value: 'COUNT', says: 'states to store per cell before it is incomplete' },
    { name: 'no-reductions', says: 'explore without reductions, to compare' },
    { name: 'twins', says: 'run the twins of the cells instead: which rule catches which change' },
    { name: 'mutants', says: 'change the adapters in every way the kit knows, and say which changes no rule sees' },
    { name: 'limit', value: 'COUNT', says: 'of --mutants: so many of each adapter; all if not given' },
    { name: 'seed', value: 'NUMBER', says: 'of --mutants with --limit: which ones; 1 if not given' },
    {
      name: 'jobs',
      value: 'COUNT',
      says: 'threads, which share a search when there are few; as many as there are cores if not given',
    },
    {
      name: 'patience',
      value: 'SECONDS',
      says: 'end what gives no sign of life for so long; a thread after 120 if not given, anything else after 30',
    },
    { name: 'shard', value: 'I/N', says: 'run one of N parts; faultpath merge puts them together' },
    ...reportOptions,
  ],
  examples: [
    { line: 'faultpath conformance', says: 'the whole table' },
    { line: 'faultpath conformance --fs ext4 --era v4.9,v6.1 --case dax/004', says: 'one case in two releases' },
    {
      line: 'faultpath conformance --adapter ./myfs.js --junit junit.xml',
      says: 'a filesystem of your own, in a CI job',
    },
    { line: 'faultpath conformance --adapter ./myfs.js --mutants --limit 30', says: 'what the rules see of your own' },
    {
      line: 'faultpath conformance --fs xfs --era v6.1 --case dax/003 --bounds faults=3,files=3',
      says: 'three faults on one page, and faults on three files',
    },
    { line: 'faultpath conformance --shard 2/3 --out shard-2.json', says: 'one part of three' },
  ],
  exits: {
    0: 'all cells as expected',
    1: 'a MUST case failed, an expected failure passed, or too many mutants survived',
    2: 'a cell is incomplete, nothing was executed, the run was interrupted, or misuse',
  },
  async run(values, io) {
    checkReportOptions(values, io);
    const selection = await selectionOf(values);
    const maxStates = values.whole('max-states', 1);
    if (values.flag('no-expectations') && values.text('expectations') !== undefined) {
      throw new CliError('CLI_BAD_VALUE', '--expectations contradicts --no-expectations', 'give one of them');
    }
    const update = values.flag('update-expectations') ? values.text('expectations') : undefined;
    if (values.flag('update-expectations') && (update === undefined || update === '-')) {
      throw new CliError('CLI_BAD_VALUE', '--update-expectations has no file to write', 'add --expectations FILE');
    }
    const jobs = values.whole('jobs', 1);
    const patience = patienceOf(values);
    const { canRunParallel, cellName, planCells, runConformance, runParallel } = await import('@faultpath/conformance');
    const { makeDocument, plainText, thousands } = await import('@faultpath/report');
    const { adapters, cases } = await loadSuite(values, io);
    const stray = values.flag('mutants')
      ? undefined
      : ['limit', 'seed'].find((name) => values.text(name) !== undefined);
    if (stray !== undefined) throw new CliError('CLI_BAD_VALUE', `--${stray} is about mutants`, 'give --mutants too');
    if (values.flag('mutants'))
      return runMutantsCommand({ adapters, cases, modules: adapterModules(values, io), selection }, values, io);
    if (values.flag('twins')) return runTwinsCommand({ adapters, cases }, selection, values, io);
    const expectations = await expectationsOf(values, io, cases);
    const total = planCells({ adapters, cases, ...selection }).length;
    const modules = canRunParallel ? adapterModules(values, io) : undefined;
    // A thread costs more than a few cells of ours do; a stranger's adapter may go round for ever, and only a thread can be ended.
    const threaded = modules !== undefined && (total > FEW_CELLS || values.list('adapter') !== undefined);
    const threads = jobs ?? availableParallelism();
    const signal = io.interrupts();
    const began = Date.now();
    let place = '';
    const outcomes = await withProgress(
      io,
      () => 'loading',
      (progress) => {
        const tell = (cell: Cell, { states }: { readonly states: number }): undefined => {
          const at = `${place === '' ? '' : `${place}, `}${cellName(cell)}: ${thousands(states)} states`;
          progress.say(() => plainText(at));
        };
        const options = {
          ...selection,
          expectations,
          signal,
          ...(maxStates === undefined ? {} : { maxStates }),
          ...(values.flag('no-reductions') ? { reductions: false } : {}),
          onCell: (_: CellOutcome, done: number) => {
            place = `${done} of ${total} cells`;
            progress.say(() => place);
          },
        };
        if (threaded && modules !== undefined)
          return runParallel({
            ...options,
            modules,
            onProgress: tell,
            ...(jobs === undefined ? {} : { jobs }),
            ...(patience === undefined ? {} : { patience }),
          });
        return runConformance({
          ...options,
          adapters,
          cases,
          ...(threads < 2 ? {} : { workers: threads }),
          onProgress: ({ fs, era, policy }, subject, states) =>
            tell({ fs: fs.name, era, policy, case: subject.id }, states),
        });
      },
    );
    const told = await chooseWitnesses(await tellable(outcomes));
    const { shard, ...whole } = selection;
    const run = (): string => runDigest(planCells({ adapters, cases, ...whole }), expectations, values);
    const document = makeDocument(
      outcomes.map(({ result }) => result),
      (Date.now() - began) / 1000,
      { version, ...(shard === undefined ? {} : { shard: { ...shard, run: run(), witnesses: told } }) },
    );
    const code = await giveReports(
      document,
      told.map(({ witness }) => witness),
      values,
      io,
    );
    if (update !== undefined) await writeExpectations(update, expectations, outcomes, io);
    if (!signal.aborted || outcomes.length === total) return code;
    await io.stderr.write(`faultpath: interrupted after ${place === '' ? 'no cell' : place}\n`);
    return Math.max(code, code === 1 ? 1 : 2) as ExitCode;
  },
};
