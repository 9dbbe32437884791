import { EngineError } from './errors.ts';

const constants = new WeakMap<object, number>();
let nextConstant = 0;

/**
 * Registers a table that never changes (a configuration, a table of operations), so that it is compared by
 * identity when it is an argument. It is frozen, with everything in it.
 */
export function registerConstant<T extends object>(table: T): T {
  if (constants.has(table)) return table;
  deepFreeze(table);
  constants.set(table, nextConstant++);
  return table;
}

/** Registers what answers by itself for staying as it is, and cannot be frozen. */
export function registerUnfrozen<T extends object>(table: T): T {
  constants.set(table, nextConstant++);
  return table;
}

function deepFreeze<T extends object>(value: T): T {
  if (constants.has(value) || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  }
  return value;
}

/**
 * Structural key of an argument or a result. `where` names the function for the error.
 * Throws `ENGINE_ARGUMENT` for anything that could change or that cannot be compared.
 */
export function valueKey(value: unknown, where: string): string {
  switch (typeof value) {
    case 'number':
      return Number.isNaN(value) ? 'NaN' : `${value}`;
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
    case 'undefined':
      return `${value}`;
    case 'function':
      return `f${identity(value, where)}`;
    case 'object':
      return value === null ? 'null' : objectKey(value, where);
    default:
      throw new EngineError('ENGINE_ARGUMENT', where, `a ${typeof value} cannot be an argument or a result`);
  }
}

function identity(value: object, where: string): number {
  const id = constants.get(value);
  if (id === undefined) {
    throw new EngineError(
      'ENGINE_ARGUMENT',
      where,
      'a function was passed that is not part of a registered constant; pass the table it belongs to through registerConstant()',
    );
  }
  return id;
}

function objectKey(value: object, where: string): string {
  const id = constants.get(value);
  if (id !== undefined) return `c${id}`;
  const known = handleKey(value);
  if (known !== undefined) return known;
  requirePlain(value, where);
  // A record that a callee changes would make two runs differ: it is frozen before anybody else sees it.
  Object.freeze(value);
  if (Array.isArray(value)) return `[${value.map((inner) => valueKey(inner, where)).join()}]`;
  const record = value as Record<string, unknown>;
  return `{${Object.keys(record)
    .sort()
    .map((key) => `${key}:${valueKey(record[key], where)}`)
    .join()}}`;
}

function requirePlain(value: object, where: string): void {
  const prototype = Object.getPrototypeOf(value) as unknown;
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) {
    throw new EngineError(
      'ENGINE_ARGUMENT',
      where,
      'only plain records, arrays and registered constants can be passed',
    );
  }
}

/** Has it been registered as a constant? */
export function isConstant(value: object): boolean {
  return constants.has(value);
}

const frozenKeys = new WeakMap<object, string>();

/** The same for something that is asked for often and was settled: its key is made once. Throws as {@link valueKey} does. */
export function settledKey(value: unknown, where: string): string {
  if (typeof value !== 'object' || value === null) return valueKey(value, where);
  let key = frozenKeys.get(value);
  if (key === undefined) {
    key = valueKey(value, where);
    frozenKeys.set(value, key);
  }
  return key;
}

/**
 * Refuses what {@link valueKey} refuses and freezes what it freezes, without making the key.
 * Throws `ENGINE_ARGUMENT` likewise.
 */
export function settle(value: unknown, where: string): void {
  if (typeof value === 'function' || typeof value === 'bigint' || typeof value === 'symbol') valueKey(value, where);
  if (typeof value !== 'object' || value === null) return;
  if (constants.has(value) || handleKey(value) !== undefined) return;
  requirePlain(value, where);
  Object.freeze(value);
  if (Array.isArray(value)) for (const inner of value) settle(inner, where);
  else for (const name of Object.keys(value)) settle((value as Record<string, unknown>)[name], where);
}

/** For maps: the same for two values exactly when their {@link valueKey} is. Throws as that does. */
export function mapKey(value: unknown, where: string): unknown {
  if (typeof value === 'number' || typeof value === 'boolean' || value === undefined || value === null) return value;
  if ((typeof value === 'object' || typeof value === 'function') && constants.has(value)) return value;
  return valueKey(value, where);
}

/** Cells and objects are handles: compared by their number, never looked into. */
export function handleKey(value: object): string | undefined {
  const handle = value as { type?: unknown; id?: unknown };
  if (typeof handle.id !== 'number') return undefined;
  if (handle.type === 'cell') return `#c${handle.id}`;
  if (handle.type === 'local') return `#l${handle.id}`;
  if (handle.type === 'object') return `#o${handle.id}`;
  return undefined;
}
