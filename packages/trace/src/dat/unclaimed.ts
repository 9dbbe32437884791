import type { CpuLayout } from './layout.ts';

/**
 * Looks for whole pages of data that belong to no CPU: the tables that say where a CPU's pages are, or how many CPUs
 * there are, are then damaged, and events would be missing without a word. Data lie one behind the other, filled up to
 * pages. `counted` is how many bytes stand at the start of a CPU's data that its size leaves out.
 */
export function findUnclaimed(
  cpus: readonly CpuLayout[],
  start: number | undefined,
  end: number,
  pageSize: number,
  counted: number,
): string[] {
  const problems: string[] = [];
  const regions = cpus.filter((cpu) => cpu.size > 0).sort((a, b) => a.offset - b.offset);
  let reached = start ?? regions[0]?.offset ?? end;
  const check = (next: number): void => {
    if (next - reached < pageSize) return;
    problems.push(`${next - reached} bytes at byte ${reached} belong to no CPU: events in them cannot be read`);
  };
  for (const { offset, size } of regions) {
    check(offset);
    reached = Math.max(reached, offset + counted + size);
  }
  check(end);
  return problems;
}
