import { pathToFileURL } from 'node:url';

/**
 * CPU time of a lock event through the class graph, alone and with the context tracker, for recordings of growing length.
 * The slope is cost per event at the longest length over that at the shortest: flat means about 1.
 */
export async function run({ json = false } = {}) {
  const { ClassGraph, TaskTracker } = await import('@faultpath/lockdep');
  const lengths = [250_000, 500_000, 1_000_000, 2_000_000];
  const rows = [];
  // The first round only warms the code up; its figures are thrown away.
  for (const length of [lengths[0], ...lengths]) {
    const events = recording(length);
    const graph = new ClassGraph();
    const tracker = new TaskTracker();
    const start = process.cpuUsage();
    for (const event of events) {
      graph.onEvent(event, tracker.context(event.task));
      tracker.apply(event);
    }
    const { user, system } = process.cpuUsage(start);
    const seconds = (user + system) / 1e6;
    rows.push({ events: length, seconds, perSecond: Math.round(length / seconds), classes: graph.classes.length });
  }
  rows.shift();
  const cost = (row) => row.seconds / row.events;
  const slope = cost(rows.at(-1)) / cost(rows[0]);
  const result = { bench: 'lockdep', rows, slope };
  if (!json) {
    for (const row of rows) {
      const line = `${row.events} events  ${row.seconds.toFixed(3)} s  ${row.perSecond} events/s  ${row.classes} classes`;
      process.stdout.write(`${line}\n`);
    }
    process.stdout.write(`cost per event, longest over shortest: ${slope.toFixed(2)}\n`);
  }
  return result;
}

/** Tasks that take and drop nested locks out of a thousand classes, with allocations in between. */
function recording(length) {
  let state = 1;
  const roll = (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const kinds = ['mutex', 'rwsem', 'spinlock', 'rwlock'];
  const names = Array.from({ length: 1000 }, (_, index) => `lock_${index}`);
  const mask = { how: 'recorded', text: 'GFP_KERNEL', fs: true, io: true, directReclaim: true };
  const events = [];
  while (events.length < length) {
    const task = `task-${roll(16)}`;
    // Every subsystem nests its own few locks, as kernel code does, so patterns repeat.
    const base = roll(200) * 5;
    const depth = 1 + roll(5);
    const taken = [];
    for (let level = 0; level < depth; level++) {
      const lock = names[base + level];
      const instance = `${lock}@${roll(64)}`;
      const mode = level % 2 === 0 ? 'exclusive' : 'shared';
      taken.push({ type: 'lock', task, action: 'acquired', lock, instance, mode, kind: kinds[level % 4] });
      events.push(taken.at(-1));
    }
    if (roll(10) === 0) events.push({ type: 'alloc', task, site: 'kmalloc', requested: mask, effective: mask });
    for (const event of taken.reverse()) events.push({ ...event, action: 'release' });
  }
  events.length = length;
  return events;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await run({ json: process.argv.includes('--json') }).then((result) => {
    if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(result)}\n`);
  });
}
