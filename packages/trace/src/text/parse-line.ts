import type { NameTable } from './name-table.ts';
import type { TextRecord } from './text-record.ts';

const SPACE = 32;
const COLON = 58;

/** The header of no known form is longer; anything beyond is the event's own text. */
const HEADER_LIMIT = 400;

const digit = (code: number): boolean => code >= 48 && code <= 57;

/**
 * ftrace right-aligns the name in 16 columns, so in nearly every line the dash before the pid stands at column 16 and
 * names with spaces, brackets and dashes need no guessing. Returns false when the line isn't of this shape.
 */
export function parseAligned(chunk: string, start: number, end: number, into: TextRecord, names: NameTable): boolean {
  let at = start + 16;
  if (at + 12 >= end || chunk.charCodeAt(at) !== 45) return false;
  into.commStart = start;
  into.commEnd = at;
  at += 1;
  let code = chunk.charCodeAt(at);
  if (!digit(code)) return false;
  let pid = 0;
  for (; digit(code); code = chunk.charCodeAt(++at)) pid = pid * 10 + code - 48;
  into.pid = pid;
  while (code === SPACE) code = chunk.charCodeAt(++at);
  if (code === 40) {
    const close = chunk.indexOf(')', at);
    if (close === -1 || close > at + 10) return false;
    at = close;
    code = chunk.charCodeAt(++at);
    while (code === SPACE) code = chunk.charCodeAt(++at);
  }
  if (code !== 91) return false;
  let cpu = 0;
  code = chunk.charCodeAt(++at);
  if (!digit(code)) return false;
  for (; digit(code); code = chunk.charCodeAt(++at)) cpu = cpu * 10 + code - 48;
  if (code !== 93) return false;
  into.cpu = cpu;
  code = chunk.charCodeAt(++at);
  while (code === SPACE) code = chunk.charCodeAt(++at);
  return parseTail(chunk, at, end, into, names);
}

/** `[flags] timestamp: name: text`, from `at`. */
function parseTail(chunk: string, from: number, end: number, into: TextRecord, names: NameTable): boolean {
  let at = from;
  let code = chunk.charCodeAt(at);
  let tokenStart = at;
  while (code !== SPACE && at < end) code = chunk.charCodeAt(++at);
  if (chunk.charCodeAt(at - 1) === COLON) {
    into.flagsStart = tokenStart;
    into.flagsEnd = tokenStart;
  } else {
    into.flagsStart = tokenStart;
    into.flagsEnd = at;
    while (code === SPACE) code = chunk.charCodeAt(++at);
    tokenStart = at;
    while (code !== SPACE && at < end) code = chunk.charCodeAt(++at);
  }
  if (at > end || chunk.charCodeAt(at - 1) !== COLON || !digit(chunk.charCodeAt(tokenStart))) return false;
  into.timeStart = tokenStart;
  into.timeEnd = at - 1;
  return parseEvent(chunk, at, end, into, names);
}

/** `name: text`; a text without a name is a function tracer's line. `<stack trace>` becomes a `kernel_stack`. */
export function parseEvent(chunk: string, from: number, end: number, into: TextRecord, names: NameTable): boolean {
  let at = from;
  let code = chunk.charCodeAt(at);
  while (code === SPACE && at < end) code = chunk.charCodeAt(++at);
  const nameStart = at;
  into.nameStart = nameStart;
  while (at < end && code !== COLON && code !== SPACE) code = chunk.charCodeAt(++at);
  if (at < end && code === COLON && at > nameStart) {
    into.event = names.of(chunk.slice(nameStart, at));
    into.bodyStart = at + 1;
  } else if (chunk.startsWith('<stack trace>', nameStart)) {
    into.event = names.kernelStack;
    into.bodyStart = nameStart;
  } else if (chunk.startsWith('<user stack trace>', nameStart)) {
    into.event = names.userStack;
    into.bodyStart = nameStart;
  } else {
    if (nameStart >= end) return false;
    into.event = names.function;
    into.bodyStart = nameStart;
  }
  into.bodyEnd = end;
  return true;
}

const LOOSE = /^\s*(.{1,32}?)-(\d+)\s+(?:\(\s*[-\d]+\)\s+)?\[(\d{1,5})\]\s+(?:([^\s:]{1,8})\s+)?(\d+(?:\.\d+)?):(?=\s)/;
const LATENCY =
  /^\s*(.{1,32}?)-(\d+)\s+(\d{1,4}?)([a-zA-Z.#][a-zA-Z.#0-9]{2,7})\s+(\d+(?:\.\d+)?)(?:us)?\s{0,2}[!+#*$@]?\s{0,2}:(?=\s)/;
const GRAPH =
  /^\s*(?:(\d+\.\d+)\s+\|\s+)?(\d+)\)\s+(?:(.{1,32}?)-(\d+)\s+\|\s*)?(?:[a-zA-Z.#0-9]{4,7}\s+\|\s*)?(?:[!+#*$@]?\s*\d+(?:\.\d+)? us\s*)?\|\s+(?=\S)/;
const PERF =
  /^\s*(.{1,32}?)\s+(?:\d+\/)?(-?\d+)\s+(?:\[(\d{1,5})\]\s+)?([a-zA-Z.#0-9]{3,8}\s+)?(\d+(?:\.\d+)?):\s+(?:\d+\s+)?((?:[\w.-]+:)+)(?=\s)/;

/** The rarer forms: other alignment, latency columns, `function_graph`, `perf script`. */
export function parseLoose(chunk: string, start: number, end: number, into: TextRecord, names: NameTable): boolean {
  const head = chunk.slice(start, Math.min(end, start + HEADER_LIMIT));
  const loose = LOOSE.exec(head);
  if (loose !== null) {
    place(into, start, loose, 1, 3, 4, 5);
    into.pid = Number(loose[2]);
    return parseEvent(chunk, start + loose[0].length, end, into, names);
  }
  const perf = PERF.exec(head);
  if (perf !== null) {
    place(into, start, perf, 1, 3, 4, 5);
    into.pid = Number(perf[2]);
    const event = (perf[6] ?? '').split(':').filter((part) => part !== '');
    into.event = names.of(event.at(-1) ?? '');
    into.bodyStart = start + perf[0].length;
    into.bodyEnd = end;
    return true;
  }
  const latency = LATENCY.exec(head);
  if (latency !== null) {
    place(into, start, latency, 1, 3, 4, 5);
    into.pid = Number(latency[2]);
    return parseEvent(chunk, start + latency[0].length, end, into, names);
  }
  return false;
}

/**
 * A line of the `function_graph` tracer. Events stand there as comments. Without the `funcgraph-proc` option the task is
 * only known from the last switch on that CPU, which `taskOf` keeps. `no-task` when it isn't known at all.
 */
export function parseGraph(
  chunk: string,
  start: number,
  end: number,
  into: TextRecord,
  names: NameTable,
  taskOf: (cpu: number) => number | undefined,
): 'read' | 'no' | 'no-task' {
  const head = chunk.slice(start, Math.min(end, start + HEADER_LIMIT));
  const graph = GRAPH.exec(head);
  if (graph === null) return 'no';
  place(into, start, graph, 3, 2, 0, 1);
  const body = start + graph[0].length;
  const pid = graph[4] === undefined ? taskOf(into.cpu) : Number(graph[4]);
  if (!chunk.startsWith('/* ', body)) {
    into.pid = pid ?? 0;
    into.event = names.function;
    into.bodyStart = body;
    into.bodyEnd = end;
    return 'read';
  }
  if (pid === undefined) return 'no-task';
  into.pid = pid;
  const close = chunk.lastIndexOf(' */', end);
  return parseEvent(chunk, body + 3, close > body ? close : end, into, names) ? 'read' : 'no';
}

function place(
  into: TextRecord,
  start: number,
  match: RegExpExecArray,
  comm: number,
  cpu: number,
  flags: number,
  time: number,
): void {
  const text = match[0];
  const commText = match[comm] ?? '';
  into.commStart = start + (comm === 0 ? 0 : Math.max(0, text.indexOf(commText)));
  into.commEnd = into.commStart + commText.length;
  into.cpu = Number(match[cpu] ?? -1);
  const flagText = flags === 0 ? '' : (match[flags] ?? '').trimEnd();
  const timeText = match[time] ?? '';
  into.timeStart = start + Math.max(0, text.lastIndexOf(`${timeText}`));
  into.timeEnd = into.timeStart + timeText.length;
  into.flagsStart = flagText === '' ? into.timeStart : start + text.lastIndexOf(flagText, into.timeStart - start - 1);
  into.flagsEnd = into.flagsStart + flagText.length;
}
