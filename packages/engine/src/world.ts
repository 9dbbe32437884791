import { EngineError } from './errors.ts';

/** A shared integer, 0 to `max`. Two threads can talk to each other through nothing else. */
export interface Cell {
  readonly type: 'cell';
  readonly id: number;
  readonly name: string;
  readonly max: number;
  readonly init: number;
}

/** An integer of which every thread has its own copy. It is part of the thread's control state. */
export interface LocalCell {
  readonly type: 'local';
  readonly id: number;
  readonly name: string;
  readonly max: number;
  readonly init: number;
}

/** Something that can be held and waited for. The engine only compares it; `info` belongs to the model's author. */
export interface SyncObject {
  readonly type: 'object';
  readonly id: number;
  readonly name: string;
  readonly info: unknown;
}

/** Everything that the threads of one model share, and the shape of what each has for itself. */
export interface World {
  /** A shared integer. Throws `ENGINE_CELL` on a duplicate name or an impossible domain. */
  cell(name: string, max: number, init?: number): Cell;
  /** A task-local integer. Throws `ENGINE_CELL` likewise. */
  local(name: string, max: number, init?: number): LocalCell;
  /** An object to hold and to wait for. Throws `ENGINE_CELL` on a duplicate name. */
  object(name: string, info?: unknown): SyncObject;
  readonly cells: readonly Cell[];
  readonly locals: readonly LocalCell[];
  readonly objects: readonly SyncObject[];
}

const LARGEST = 0x3fffffff;

/** Makes an empty world. One world belongs to one model. */
export function createWorld(): World {
  const cells: Cell[] = [];
  const locals: LocalCell[] = [];
  const objects: SyncObject[] = [];
  const names = new Set<string>();

  const claim = (name: string): void => {
    if (names.has(name)) throw new EngineError('ENGINE_CELL', name, 'the world has something of this name already');
    names.add(name);
  };
  const check = (name: string, max: number, init: number): void => {
    if (!Number.isInteger(max) || max < 0 || max > LARGEST) {
      throw new EngineError(
        'ENGINE_CELL',
        name,
        `the largest value must be a whole number from 0 to ${LARGEST}, not ${max}`,
      );
    }
    if (!Number.isInteger(init) || init < 0 || init > max) {
      throw new EngineError(
        'ENGINE_CELL',
        name,
        `the first value must be a whole number from 0 to ${max}, not ${init}`,
      );
    }
  };

  return {
    cells,
    locals,
    objects,
    cell(name, max, init = 0) {
      claim(name);
      check(name, max, init);
      const cell: Cell = Object.freeze({ type: 'cell', id: cells.length, name, max, init });
      cells.push(cell);
      return cell;
    },
    local(name, max, init = 0) {
      claim(name);
      check(name, max, init);
      const cell: LocalCell = Object.freeze({ type: 'local', id: locals.length, name, max, init });
      locals.push(cell);
      return cell;
    },
    object(name, info) {
      claim(name);
      const object: SyncObject = Object.freeze({ type: 'object', id: objects.length, name, info });
      objects.push(object);
      return object;
    },
  };
}
