import type { System } from '../system.ts';

/** Names that every language we write takes: a letter first, then letters, digits and underscores. */
export interface ExportNames {
  /** Per cell, unique. */
  readonly cells: readonly string[];
  /** Per automaton, unique. */
  readonly automata: readonly string[];
}

/** Makes names from the model's own; the number in front keeps them apart. */
export function exportNames(system: System): ExportNames {
  const { cells } = system.model.world;
  return {
    cells: cells.map((cell) => `c${cell.id}_${plain(cell.name)}`),
    automata: system.automata.map((_, index) => {
      const thread = system.automatonOf.indexOf(index);
      return `p${index}_${plain(system.model.threads[thread]?.name ?? '')}`;
    }),
  };
}

function plain(name: string): string {
  return name.replace(/[^A-Za-z0-9]+/g, '_').slice(0, 40);
}

/** Text that may stand in a comment or a quoted label of any of the languages. */
export function remark(text: string): string {
  return text.replace(/[^\w .:,;=<>!+\-()[\]{}←&|]/g, ' ').slice(0, 120);
}
