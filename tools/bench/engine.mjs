// @ts-check
// The engine beside SPIN on the same models in the same run. CPU seconds throughout: the machine may be busy.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'tsup';
import { REPOSITORY } from '../files.mjs';
import { ALL_STATES, exactCounts } from './engine/exact.mjs';
import { peersModel, spin, spinWorks, timed } from './engine/spin.mjs';

const SAFE = { inodes: 2, vmfOrFs: true, nofs: true };
const BUG = { inodes: 2, vmfOrFs: true };
const FULL_DEADLOCKS = { proviso: false, partialDeadlocks: false, maxStates: 1e9 };
/** Every reduction: by default steps are fused when some thousands are stored, and sleep sets are off. */
const FEWEST_STATES = { ...FULL_DEADLOCKS, fuseFrom: 0, sleepSets: true };
/** "Both" column of the peers' table: persistent sets and symmetry of a throwaway checker. */
const PEERS_BOTH = [1_139, 3_307, 8_872, 18_225, 35_375];
/**
 * CPU seconds of SPIN on five tasks, build included: 33,362,282 states, gigabytes. Recorded from a run of this bench with
 * BENCH_SPIN_TASKS=5, which measures it instead.
 */
const SPIN_FIVE_TASKS = 79;
const FIVE_TASKS = process.env['BENCH_SPIN_TASKS'] === '5';

/** @typedef {{ what: string, ours: number, spin?: number | undefined, ratio?: number | undefined, goal?: number, unit: string, note?: string, recorded?: true }} Row */

/**
 * @param {{ json?: boolean }} options
 */
export async function run({ json = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-engine-'));
  const hasSpin = spinWorks();
  /** @type {Row[]} */
  const rows = [];
  /** @type {{ what: string, ours: number, exact: number, ok: boolean }[]} */
  const checks = [];
  const add = (/** @type {Row} */ row) => {
    const { spin: theirs, ours } = row;
    const full = theirs === undefined ? row : { ratio: ours / theirs, ...row };
    rows.push(full);
    if (!json) process.stdout.write(`${text(full)}\n`);
  };
  /** @type {Check} */
  const check = (what, ours, exact) => {
    const ok = ours === exact;
    checks.push({ what, ours, exact, ok });
    if (!json) process.stdout.write(`${what.padEnd(40)} ${ok ? `exactly ${ours}` : `WRONG: ${ours}, not ${exact}`}\n`);
  };
  const worker = (/** @type {string} */ model, /** @type {object} */ parameters, /** @type {string} */ options) =>
    `node worker.mjs '${model}' '${JSON.stringify(parameters)}' '${options}'`;
  /** @type {Promela} */
  const promela = (model, parameters) => timed(worker(model, parameters, 'promela'), folder).out;
  try {
    await bundle(folder);
    const explore = (/** @type {string} */ model, /** @type {object} */ parameters, /** @type {object} */ options) => {
      const { out, cpu } = timed(worker(model, parameters, JSON.stringify(options)), folder);
      return { ...JSON.parse(out), totalCpu: cpu };
    };
    if (!hasSpin && !json) process.stdout.write('spin or gcc is not installed: no ratios\n');
    if (hasSpin) {
      rates(explore, promela, add, check);
      verdicts(explore, add);
    }
    fiveTasks(explore, add, hasSpin, check);
    reductions(explore, add);
    large(explore, add);
    severalThreads(explore, add, check);
    exactCounts(explore, check);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { bench: 'engine', spin: hasSpin, rows, checks, failed: checks.some(({ ok }) => !ok) };
}

/** @param {string} folder */
async function bundle(folder) {
  await build({
    config: false,
    entry: { worker: join(REPOSITORY, 'tools/bench/engine/worker.ts') },
    format: 'esm',
    platform: 'node',
    outDir: folder,
    outExtension: () => ({ js: '.mjs' }),
    noExternal: [/./],
    silent: true,
    tsconfig: join(REPOSITORY, 'tools/tsconfig.json'),
    esbuildOptions(options) {
      options.conditions = ['@faultpath/source'];
    },
  });
}

/** @typedef {(model: string, parameters: object, options: object) => any} Explore */
/** @typedef {(model: string, parameters: object) => string} Promela */
/** @typedef {(row: Row) => void} Add */
/** @typedef {import('./engine/exact.mjs').Check} Check */

/**
 * States per CPU second and memory, nothing reduced on either side.
 *
 * @param {Explore} explore
 * @param {Promela} promela
 * @param {Add} add
 * @param {Check} check
 */
function rates(explore, promela, add, check) {
  /** Last: how many states SPIN's first process adds. */
  /** @type {[string, object, string, string, number][]} */
  const models = [
    ['reclaim', { ...SAFE, tasks: 4 }, peersModel('reclaim'), '-DN=4 -DM=2 -DVMF_OR_FS=1 -DNOFS=1', 2],
    ['locks', { threads: 4, length: 20 }, peersModel('locks'), '-DT=4 -DK=20', 1],
    ['buffer', { pairs: 5, size: 5 }, peersModel('buffer'), '-DC=5 -DB=5', 1],
    ['philosophers', { count: 10, ordered: true }, peersModel('phil'), '-DN=10 -DORDERED=1', 1],
    // In the peers' text the loop counters are state, so that the counts can't be compared: our own export.
    ['filter lock', { count: 5 }, promela('filter lock', { count: 5 }), '-o2', 0],
  ];
  for (const [model, parameters, text, defines, added] of models) {
    const ours = explore(model, parameters, ALL_STATES);
    const theirs = spin(text, defines, { flags: '-DNOREDUCE' });
    const states = `${ours.states} states; SPIN ${theirs.states}`;
    check(`${model}: states`, ours.states, theirs.states - added);
    const rate = { ours: ours.states / ours.searchCpu / 1000, spin: theirs.states / theirs.cpu / 1000 };
    add({ what: `${model}: rate, nothing reduced`, ...rate, goal: 1, unit: 'k states/s', note: states });
    const memory = { ours: ours.resident / 1e6, spin: theirs.megabytes };
    const stored = `${(ours.bytes / ours.states).toFixed(0)} bytes a state`;
    add({ what: `${model}: memory, nothing reduced`, ...memory, goal: 1.3, unit: 'MB', note: stored });
  }
}

/**
 * From command to verdict: Node's start on our side, SPIN's build on the other.
 *
 * @param {Explore} explore
 * @param {Add} add
 */
function verdicts(explore, add) {
  for (const [tasks, goal] of /** @type {const} */ ([
    [2, 0.25],
    [3, 0.25],
    [4, 0.1],
  ])) {
    for (const [word, parameters, defines] of /** @type {const} */ ([
      ['safe', SAFE, '-DNOFS=1'],
      ['bug', BUG, ''],
    ])) {
      const ours = explore('reclaim', { ...parameters, tasks }, {});
      const theirs = spin(peersModel('reclaim'), `-DN=${tasks} -DM=2 -DVMF_OR_FS=1 ${defines}`);
      if ((ours.verdict === 'found') !== theirs.errors > 0)
        throw new Error(`SPIN disagrees on ${tasks} tasks, ${word}`);
      const seconds = { ours: ours.totalCpu, spin: theirs.totalCpu };
      add({ what: `${tasks} tasks, ${word}: command to verdict`, ...seconds, goal, unit: 's', note: ours.verdict });
    }
  }
  const shortest = explore('reclaim', { ...BUG, tasks: 4 }, { ...FULL_DEADLOCKS, witnessStates: 1e7 });
  const theirs = spin(peersModel('reclaim'), '-DN=4 -DM=2 -DVMF_OR_FS=1', { flags: '-DBFS', run: '-w20' });
  const seconds = { ours: shortest.totalCpu, spin: theirs.totalCpu };
  add({ what: '4 tasks: shortest deadlock', ...seconds, goal: 0.25, unit: 's', note: `${shortest.steps} steps` });
}

/**
 * Five tasks, which take SPIN minutes and gigabytes.
 *
 * @param {Explore} explore
 * @param {Add} add
 * @param {boolean} hasSpin
 * @param {Check} check
 */
function fiveTasks(explore, add, hasSpin, check) {
  const ours = explore('reclaim', { ...SAFE, tasks: 5 }, {});
  const measured = FIVE_TASKS && hasSpin;
  const theirs = measured ? spinOnFiveTasks(check) : SPIN_FIVE_TASKS;
  const note = `${ours.verdict}; SPIN ${measured ? 'measured' : 'recorded, not measured: BENCH_SPIN_TASKS=5 measures it'}`;
  add({
    what: '5 tasks, safe: command to verdict',
    ours: ours.totalCpu,
    spin: theirs,
    goal: 0.02,
    unit: 's',
    note,
    ...(measured ? {} : { recorded: true }),
  });
}

/**
 * That SPIN stores what the others store shows that it was the same model, and searched to its end.
 *
 * @param {Check} check
 */
function spinOnFiveTasks(check) {
  const text = peersModel('reclaim');
  const run = spin(text, '-DN=5 -DM=2 -DVMF_OR_FS=1 -DNOFS=1', { flags: '-DNOREDUCE', run: '-m1000000 -w25' });
  check("5 tasks: SPIN's states", run.states - 2, 33_362_280);
  return run.totalCpu;
}

/**
 * States with everything switched on, and how they grow with the tasks.
 *
 * @param {Explore} explore
 * @param {Add} add
 */
function reductions(explore, add) {
  let before = 0;
  for (const [index, peers] of PEERS_BOTH.entries()) {
    const tasks = index + 2;
    const { states, totalCpu } = explore('reclaim', { ...SAFE, tasks }, FEWEST_STATES);
    const growth = before === 0 ? '' : `, ${(states / before).toFixed(1)} times the states of one task fewer`;
    const note = `${totalCpu.toFixed(2)} s CPU${growth}`;
    add({
      what: `${tasks} tasks, safe: states, reduced`,
      ours: states,
      ratio: states / peers,
      goal: 1.2,
      unit: 'states',
      note,
    });
    before = states;
  }
}

/**
 * Beyond what SPIN can do.
 *
 * @param {Explore} explore
 * @param {Add} add
 */
function large(explore, add) {
  const six = explore('reclaim', { ...SAFE, tasks: 6 }, {});
  add({ what: '6 tasks, safe: command to verdict', ours: six.totalCpu, goal: 5, unit: 's', note: six.verdict });
  const { states, verdict, totalCpu, resident } = explore(
    'reclaim',
    { ...SAFE, tasks: 8, inodes: 4, victims: 2 },
    FULL_DEADLOCKS,
  );
  const note = `${verdict}, ${states} states, ${(resident / 1e6).toFixed(0)} MB`;
  add({ what: '8 tasks, 4 inodes, 2 to inactivate', ours: totalCpu, goal: 30, unit: 's', note });
}

/**
 * One search on two threads beside the same on one: wall time where there are two cores that nobody else uses, CPU time,
 * and how evenly the steps were shared.
 *
 * @param {Explore} explore
 * @param {Add} add
 * @param {Check} check
 */
function severalThreads(explore, add, check) {
  for (const [what, parameters, options] of /** @type {const} */ ([
    ['4 tasks, nothing reduced', { ...SAFE, tasks: 4 }, ALL_STATES],
    ['8 tasks, reduced', { ...SAFE, tasks: 8, inodes: 3 }, FULL_DEADLOCKS],
  ])) {
    const alone = explore('reclaim', parameters, options);
    const two = explore('reclaim', parameters, { ...options, workers: 2 });
    check(`${what}: states on two threads`, two.states, alone.states);
    const cpu = `${(two.searchCpu / alone.searchCpu).toFixed(2)} times the CPU time`;
    const shared = `steps shared ${two.balance.toFixed(2)} : 1`;
    const note = `${(alone.wall / two.wall).toFixed(2)} times as fast, ${cpu}, ${shared}`;
    add({ what: `${what}: two threads, wall`, ours: two.wall, ratio: two.wall / alone.wall, unit: 's', note });
  }
}

/** @param {Row} row */
function text({ what, ours, spin: theirs, ratio, goal, unit, note }) {
  const figure = (/** @type {number} */ value) => (value >= 100 ? value.toFixed(0) : value.toFixed(2));
  const sides = theirs === undefined ? figure(ours) : `${figure(ours)} : ${figure(theirs)}`;
  const compared = ratio === undefined ? '' : `  ratio ${ratio.toFixed(3)}`;
  return `${what.padEnd(40)} ${sides.padStart(18)} ${unit}${compared}${goal === undefined ? '' : `  (goal ${goal})`}  ${note ?? ''}`;
}
