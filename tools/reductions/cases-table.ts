import { type PlannedCell, planCells, cases as suite } from '@faultpath/conformance';
import { compileSystem, type Exploration, exploreSystem } from '@faultpath/engine';
import { adapters, cases as ours } from '@faultpath/integration';
import { buildFaultModel } from '@faultpath/mm';
import { columns } from './columns.ts';

/** One release stands for all: the others' automata are of the same kind and size. */
const ERA = 'v6.1';
/** Stored states of a search that is given up, and is written as more than so many. */
const MOST_STATES = 1_000_000;

/** The bundled cases as they are run on that release, in the order of the table. */
export function bundledCells(): readonly PlannedCell[] {
  const cells = planCells({ adapters, cases: [...suite, ...ours], era: [ERA], policy: ['as-released'] });
  return cells.filter(
    ({ subject, setting }) => subject.examine === undefined && subject.requires(setting) === undefined,
  );
}

export function cellTitle({ subject, setting }: PlannedCell): string {
  return `${setting.fs.name} ${subject.id}`;
}

/**
 * A line of the table: states and CPU milliseconds under each combination, and the verdict with all of them, as by default.
 * Throws when a search that got to its end sees a deadlock where another sees none.
 */
export function caseRow(cell: PlannedCell): string {
  const model = buildFaultModel(cell.subject.scenario(cell.setting));
  const systems = new Map([true, false].map((on) => [on, compileSystem(model, undefined, on)]));
  const deadlocked = new Set<boolean>();
  let said = '';
  const searched = columns.map(([, options]) => {
    const system = systems.get(options.minimise ?? true);
    if (system === undefined) throw new Error('both systems are compiled');
    const before = process.cpuUsage();
    const exploration = exploreSystem(system, { ...options, maxStates: MOST_STATES });
    const { user, system: kernel } = process.cpuUsage(before);
    if (exploration.exhausted) deadlocked.add(exploration.deadlocks.some(({ partial }) => !partial));
    said = verdictOf(exploration);
    const states = exploration.exhausted ? count(exploration.states) : `> ${count(MOST_STATES)}`;
    return `${states} (${Math.round((user + kernel) / 1e3)} ms)`;
  });
  if (deadlocked.size > 1) throw new Error(`${cellTitle(cell)}: the reductions change the verdict`);
  return `| ${[cellTitle(cell), said, ...searched].join(' | ')} |`;
}

function verdictOf({ verdict, deadlocks, errors }: Exploration): string {
  if (verdict !== 'found') return verdict;
  if (errors.length > 0) return 'model error';
  return deadlocks.some(({ partial }) => !partial) ? 'deadlock' : 'partial deadlock';
}

function count(states: number): string {
  return states.toLocaleString('en-US');
}

/** States and CPU milliseconds of the bundled cases under each combination of reductions, and what is proved, as Markdown. */
export function casesTable(): string {
  const rows = bundledCells().map(caseRow);
  const head = ['case', 'verdict', ...columns.map(([name]) => name)];
  const verdicts = rows.map((row) => row.split(' | ')[1] ?? '');
  const said = [...new Set(verdicts)].map((each) => `${verdicts.filter((other) => other === each).length} ${each}`);
  const summary = `${rows.length} cells of ${ERA}, as released, at their own bounds: ${said.join(', ')}.`;
  const table = [`| ${head.join(' | ')} |`, `| --- | --- |${' --: |'.repeat(columns.length)}`, ...rows].join('\n');
  return `${table}\n\n${summary}`;
}
