/** Longest line that is looked at; what is behind it is cut off. No line of a report comes near. */
const longest = 2048;

const prefixes: readonly RegExp[] = [
  // Mail quoting.
  /^(?:> ?)+/,
  // Log level, as the console prints it raw.
  /^<\d{1,3}>/,
  // `dmesg --decode`: `kern  :warn  : `.
  /^(?:kern|user|daemon|syslog) {0,4}:(?:emerg|alert|crit|err|warn|notice|info|debug) {0,3}: ?/,
  // syslog and journal: `Jan 28 20:19:39 host kernel: `, `2016-03-26T20:52:22.526357+00:00 host kernel: `.
  /^\S{1,12} {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d+)? \S{1,64} kernel: ?/,
  /^\d{4}-\d\d-\d\dT\S{8,32} \S{1,64} kernel: ?/,
];

const stamp = /^\[ *(\d{1,12}\.\d{6}|\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})\] ?/;
// printk's caller: a task (T) or a CPU (C).
const caller = /^\[ *[TC]\d{1,10}\] ?/;

/** One line of a log without what the log put in front of it. */
export interface CleanLine {
  readonly text: string;
  /** Seconds or date as printed, where the line has it. */
  readonly timestamp?: string;
}

/** Takes quoting, log levels, timestamps, escape codes and line ends off. A line may hold several, joined by `#012`. */
export function cleanLine(raw: string): readonly CleanLine[] {
  let text = raw.length > longest ? raw.slice(0, longest) : raw;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are what has to go
  text = text.replace(/\x1b\[[0-9;]{0,16}m/g, '').replace(/[\r\n]+$/, '');
  let timestamp: string | undefined;
  for (let again = true; again; ) {
    again = false;
    for (const prefix of prefixes) {
      const match = prefix.exec(text);
      if (match === null) continue;
      text = text.slice(match[0].length);
      again = true;
    }
    const match = stamp.exec(text);
    if (match !== null) {
      timestamp ??= match[1];
      text = text.slice(match[0].length).replace(caller, '');
      again = true;
    }
  }
  return text.split('#012').map((part) => (timestamp === undefined ? { text: part } : { text: part, timestamp }));
}
