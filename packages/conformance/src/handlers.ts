import type { Call, KernelFunction } from '@faultpath/engine';
import type { Filesystem } from '@faultpath/mm';

/** The tables of an adapter that have handlers. */
const tables = ['vm_ops', 'iomap_ops', 's_op', 'f_op', 'a_ops', 'i_op'] as const;

/** One of the adapter's tables of handlers. */
export type HandlerTable = (typeof tables)[number];

/** Any handler: what it is called with is the core's business. */
export type Handler = KernelFunction<readonly unknown[], number>;

/** Every handler of an adapter by its field, `f_op.fsync`. */
export function handlersOf(fs: Filesystem): readonly string[] {
  return tables.flatMap((table) => Object.keys(fs[table] ?? {}).map((name) => `${table}.${name}`));
}

/** The adapter with other handlers, in all tables or in one; `change` is told the field. What it does not have stays away. */
export function mapHandlers(
  fs: Filesystem,
  change: (handler: Handler, field: string) => Handler,
  only?: HandlerTable,
): Filesystem {
  const changed = tables
    .filter((table) => fs[table] !== undefined && (only === undefined || only === table))
    .map((table) => {
      const handlers = Object.entries((fs[table] ?? {}) as Readonly<Record<string, Handler | undefined>>);
      const mapped = handlers.map(([name, each]) => [name, each && change(each, `${table}.${name}`)]);
      return [table, Object.fromEntries(mapped)];
    });
  return { ...fs, ...Object.fromEntries(changed) };
}

/** The engine's record of the function that a handler is. Making a call runs nothing. */
export function recordOf(handler: Handler): Call['fn'] {
  return handler().fn;
}
