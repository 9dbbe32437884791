import { EngineError } from '../errors.ts';
import type { System } from '../system.ts';
import { aldebaran } from './aldebaran.ts';
import { dot } from './dot.ts';
import { promela } from './promela.ts';
import { tla } from './tla.ts';

/** Languages in which a system can be handed to other tools. */
export const exportFormats = ['promela', 'tla', 'dot', 'aldebaran'] as const;

export type ExportFormat = (typeof exportFormats)[number];

/** What an export may be told. */
export interface ExportOptions {
  /** Aldebaran lists every state: at most so many. Default 1,000,000. */
  readonly maxStates?: number;
  /** Name of the TLA+ module, which must be its file's. Default `faultpath`. */
  readonly moduleName?: string;
}

/**
 * Writes the transition system of a compiled model, in pieces that end with a line's end. Minimised and folded as
 * compiled, never reduced: whoever takes over decides on reductions.
 *
 * @throws EngineError `ENGINE_ARGUMENT` for an unknown format, `ENGINE_BUDGET` for more states than allowed
 */
export function exportSystem(system: System, format: ExportFormat, options: ExportOptions = {}): Iterable<string> {
  switch (format) {
    case 'promela':
      return promela(system);
    case 'tla':
      return tla(system, options.moduleName);
    case 'dot':
      return dot(system);
    case 'aldebaran':
      return aldebaran(system, options.maxStates);
    default:
      throw new EngineError(
        'ENGINE_ARGUMENT',
        'exportSystem',
        `no format «${String(format)}»; there are ${exportFormats.join(', ')}`,
      );
  }
}
