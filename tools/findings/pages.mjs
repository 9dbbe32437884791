// @ts-check

/**
 * A cell as `faultpath` names it, with the parts apart.
 *
 * @typedef {{ fs: string, era: string, policy: string, case: string }} Cell
 * @typedef {{ states: number, verdict: string, exhausted: boolean }} Explored
 */

/** A number in a page: `<!--states ext4/v6.1/as-released/dax/004-->452<!---->`. */
const NUMBER = /(<!--states (\S+?)\/(\S+?)\/(\S+?)\/(\S+?)-->)[^<]*(<!---->)/g;

/** A run in a page: the same line that a person would type, and below it what it prints of the run it found. */
const RUN = /(<!-- run: faultpath ([^>]+?) -->\n```\n)[\s\S]*?(```)/g;

/**
 * Every cell that a page quotes a number of.
 *
 * @param {string} page
 * @returns {Cell[]}
 */
export function quotedCells(page) {
  return [...page.matchAll(NUMBER)].map(([, , fs = '', era = '', policy = '', id = '']) => ({
    fs,
    era,
    policy,
    case: id,
  }));
}

/**
 * Every command that a page shows the run of.
 *
 * @param {string} page
 * @returns {string[]}
 */
export function shownRuns(page) {
  return [...page.matchAll(RUN)].map(([, , command = '']) => command);
}

/** @param {Cell} cell */
export function nameOf(cell) {
  return `${cell.fs}/${cell.era}/${cell.policy}/${cell.case}`;
}

/**
 * What stands for a cell: the states of an exhausted search that found nothing, or that there is a deadlock.
 *
 * @param {Explored} explored
 */
function quote({ states, verdict }) {
  const number = String(states).replace(/\B(?=(\d{3})+$)/g, ',');
  if (verdict === 'pass' || verdict === 'xfail' || verdict === 'fail') return number;
  throw new Error(`a page quotes a cell that is ${verdict}`);
}

/**
 * Of what `faultpath conformance` prints of the run that it found: the claim, who holds what and waits for what, and the
 * line that shows it again.
 *
 * @param {string} output
 */
export function runOf(output) {
  const paragraphs = output.trimEnd().split('\n\n');
  const summary = paragraphs.findIndex((text) => /^[\d,]+ cells?: /.test(text));
  const told = [
    paragraphs[summary + 1],
    paragraphs.find((text) => /^ {2}\S+ +holds /.test(text)),
    paragraphs.find((text) => text.includes('\n  faultpath replay ')),
  ];
  if (summary < 0 || told.includes(undefined)) throw new Error('a page shows the run of a command that found none');
  return told.join('\n\n');
}

/**
 * The page with what the models say now.
 *
 * @param {string} page
 * @param {ReadonlyMap<string, Explored>} cells by name
 * @param {(command: string) => string} run gives what a command prints
 */
export function refresh(page, cells, run) {
  return page
    .replace(NUMBER, (_, begin, fs, era, policy, id, end) => {
      const name = nameOf({ fs, era, policy, case: id });
      const explored = cells.get(name);
      if (explored === undefined) throw new Error(`a page quotes ${name}, and nothing was explored of that name`);
      return `${begin}${quote(explored)}${end}`;
    })
    .replace(RUN, (_, begin, command, end) => `${begin}${runOf(run(command))}\n${end}`);
}
