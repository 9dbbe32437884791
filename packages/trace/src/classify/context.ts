import type { SourceRecord } from '../record.ts';
import type { EventMeaning } from './compile.ts';

/** Hard and soft interrupts run on top of a task, and are not its own doing. */
export function inInterrupt(record: SourceRecord): boolean {
  const context = record.flagAt(2);
  return context === 104 || context === 72 || context === 115 || context === 122 || context === 90;
}

/** Events that may be kprobes, to whose preemption depth tracing adds nothing. */
export const isProbe = (meaning: EventMeaning | undefined): boolean =>
  (meaning?.primitive ?? meaning?.tryEntry ?? meaning?.entry) !== undefined;
