import { LockdepError } from '../errors.ts';
import { cleanLine } from './clean-line.ts';
import { frameLine, headline, heldLine, kernelLine, linkLine, lockLine, taskLine } from './parse-line.ts';
import type { SplatKind, SplatLink, SplatLock, SplatReading, SplatReport } from './report.ts';

/** What one report may hold at most; a log that goes on beyond is no report, and memory stays small. */
const most = { frames: 256, links: 256, held: 128 };

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

interface Open {
  readonly report: Mutable<SplatReport>;
  /** Where the next lines belong. */
  section: 'head' | 'wanted' | 'holding' | 'chain' | 'chainOf' | 'scenario' | 'held' | 'registered' | 'stack';
  /** Frames of the part being read. */
  frames: string[];
  /** Column of `CPU1` in the scenario. */
  second: number;
  sawCallTrace: boolean;
}

/** Reads logs line by line. Console noise between the lines of a report is skipped. */
export class SplatReader {
  readonly #reports: SplatReport[] = [];
  readonly #notes: string[] = [];
  #open: Open | undefined;
  #lines = 0;

  /** Takes the next line, with or without its line end. */
  push(raw: string): void {
    this.#lines++;
    // Most lines of a log are none of ours: outside of a report only headlines and notes matter.
    if (this.#open === undefined && raw[0] !== '#' && !raw.includes('INFO: ') && !raw.includes('WARNING: ')) return;
    for (const { text, timestamp } of cleanLine(raw)) {
      if (text.startsWith('# ') && this.#open === undefined) {
        if (this.#notes.length < 64) this.#notes.push(text.slice(2));
        continue;
      }
      const trimmed = text.trim();
      const kind = headline(trimmed);
      if (kind !== undefined) this.#begin(kind, timestamp);
      else if (this.#open !== undefined) this.#line(this.#open, trimmed, text);
    }
  }

  /** Closes the last report. Throws `FAULTPATH_NOT_LOCKDEP_TEXT` when there is neither report nor note of silence. */
  finish(): SplatReading {
    this.#end();
    const silent = this.#reports.length === 0 && this.#notes.some((note) => note.startsWith('NO SPLAT'));
    if (this.#reports.length === 0 && !silent) {
      throw new LockdepError(
        'FAULTPATH_NOT_LOCKDEP_TEXT',
        `no lockdep report in ${this.#lines} line(s); give dmesg output that holds one, from its "=====" line on`,
      );
    }
    return { reports: this.#reports, notes: this.#notes, silent, lines: this.#lines };
  }

  #begin(kind: SplatKind, timestamp: string | undefined): void {
    this.#end();
    this.#open = {
      report: {
        kind,
        line: this.#lines,
        lastLine: this.#lines,
        ...(timestamp !== undefined && { timestamp }),
        chain: [],
        chainOf: [],
        scenario: [],
        held: [],
        backtrace: [],
        missing: [],
      },
      section: 'head',
      frames: [],
      second: 0,
      sawCallTrace: false,
    };
  }

  #end(): void {
    if (this.#open === undefined) return;
    this.#reports.push(completed(this.#open.report));
    this.#open = undefined;
  }

  #line(open: Open, text: string, untrimmed: string): void {
    if (text === '') return;
    const { report } = open;
    if (this.#leaves(open, text)) {
      this.#end();
      return;
    }
    if (this.#turns(open, text) || this.#takes(open, text, untrimmed)) report.lastLine = this.#lines;
  }

  /** Whether the report is over: its backtrace was read and something else begins. */
  #leaves(open: Open, text: string): boolean {
    if (open.section !== 'stack' || open.report.backtrace.length === 0) return false;
    return (
      text === '</TASK>' || text.startsWith('====') || text.includes('[ cut here ]') || text.startsWith('Call Trace:')
    );
  }

  /** Lines that say what the next ones are. */
  #turns(open: Open, text: string): boolean {
    const { report } = open;
    const turn = (section: Open['section'], frames: string[] = []): true => {
      open.section = section;
      open.frames = frames;
      return true;
    };
    const task = report.task === undefined ? taskLine(text) : undefined;
    if (task !== undefined) {
      report.task = task;
      return turn('wanted');
    }
    if (/^(?:but task is already holding lock|and this task is already holding):$/.test(text)) return turn('holding');
    if (text.startsWith('the existing dependency chain')) return turn('chain');
    if (text === 'Chain exists of:') return turn('chainOf');
    if (text.startsWith('Possible ') && text.includes('unsafe locking scenario')) return turn('scenario');
    if (/^(?:\d{1,3} locks?|no locks) held by /.test(text)) {
      // Other tasks' locks may be listed behind the stack; the first list is the reporting task's.
      return open.report.held.length > 0 ? false : turn('held');
    }
    if (text === 'stack backtrace:') return turn('stack', report.backtrace as string[]);
    if (text.startsWith('other info that might help us debug this')) return turn('head');
    const usage = /^inconsistent \{([\w-]{1,40})\} -> \{([\w-]{1,40})\} usage\.?$/.exec(text);
    if (usage !== null) {
      report.usage = { from: usage[1]!, to: usage[2]!, registered: [] };
      return true;
    }
    if (/^\{[\w-]{1,40}\} state was registered at:$/.test(text) && report.usage !== undefined) {
      return turn('registered', report.usage.registered as string[]);
    }
    return false;
  }

  #takes(open: Open, text: string, untrimmed: string): boolean {
    const { report, section } = open;
    switch (section) {
      case 'head': {
        const kernel = report.kernel === undefined ? kernelLine(text) : undefined;
        if (kernel !== undefined) report.kernel = kernel;
        return kernel !== undefined;
      }
      case 'wanted':
      case 'holding': {
        const lock = report[section] === undefined ? lockLine(text) : undefined;
        if (lock === undefined) return false;
        report[section] = lock;
        return true;
      }
      case 'chain':
        return takesLink(open, text) || takesFrame(open, text);
      case 'chainOf': {
        if (!text.includes('-->')) return false;
        report.chainOf = text
          .split('-->')
          .map((name) => name.trim())
          .filter((name) => name !== '');
        return true;
      }
      case 'scenario':
        return takesScenario(open, untrimmed);
      case 'held': {
        const lock = heldLine(text);
        if (lock === undefined || report.held.length >= most.held) return false;
        (report.held as SplatLock[]).push(lock);
        return true;
      }
      case 'registered':
        return takesFrame(open, text);
      case 'stack':
        if (text.startsWith('Call Trace:')) open.sawCallTrace = true;
        return takesFrame(open, text);
    }
  }
}

function takesLink(open: Open, text: string): boolean {
  const link = linkLine(text);
  if (link === undefined || open.report.chain.length >= most.links) return false;
  open.frames = [];
  (open.report.chain as SplatLink[]).push({ ...link, backtrace: open.frames });
  return true;
}

function takesFrame(open: Open, text: string): boolean {
  const frame = frameLine(text);
  if (frame === undefined) return false;
  if (frame.reliable && open.frames.length < most.frames) open.frames.push(frame.name);
  return true;
}

function takesScenario(open: Open, text: string): boolean {
  if (text.includes('CPU0')) {
    open.second = text.indexOf('CPU1');
    return true;
  }
  const match = /(r?lock|sync)\((.{1,256})\);/.exec(text);
  if (match === null || open.report.scenario.length >= most.held) return false;
  // The second column starts some places left of its heading.
  const cpu = open.second > 0 && match.index >= open.second - 8 ? 1 : 0;
  (open.report.scenario as { cpu: number; op: string; lock: string }[]).push({ cpu, op: match[1]!, lock: match[2]! });
  return true;
}

/** Says what is missing. A report of an interrupt kind has other parts, and only its ends are asked for. */
function completed(report: SplatReport): SplatReport {
  const missing: string[] = [];
  if (report.task === undefined) missing.push('the task');
  if (report.wanted === undefined) missing.push('the wanted lock');
  const needsHolding = report.kind === 'circular' || report.kind === 'recursive' || report.kind === 'irq-order';
  if (needsHolding && report.holding === undefined) missing.push('the lock already held');
  if (report.kind === 'circular') {
    const last = report.chain[report.chain.length - 1];
    const links = (report.chain[0]?.index ?? -1) + 1;
    if (links < 2 || report.chain.length !== links || last?.index !== 0) missing.push('the dependency chain');
    else if (report.chain.some((link) => link.backtrace.length === 0)) missing.push('a backtrace in the chain');
  }
  if (report.kind === 'inconsistent' && report.usage === undefined) missing.push('the inconsistent usage');
  if (report.kind === 'inconsistent' && report.usage?.registered.length === 0)
    missing.push('where the first usage was seen');
  if (report.backtrace.length === 0) missing.push('the stack backtrace');
  return { ...report, missing };
}

/** Reads a whole log. Throws as `SplatReader.finish`. */
export async function readSplats(lines: Iterable<string> | AsyncIterable<string>): Promise<SplatReading> {
  const reader = new SplatReader();
  if (Symbol.asyncIterator in lines) for await (const line of lines) reader.push(line);
  else for (const line of lines) reader.push(line);
  return reader.finish();
}
