/** As much of JSON Schema as our published schemas use. */
export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** Where a value is not what the schema says; undefined where it is. */
export function mismatch(value: unknown, schema: Schema, root: Schema = schema, at = 'document'): string | undefined {
  if (schema.$ref !== undefined) {
    const target = root.$defs?.[schema.$ref.replace('#/$defs/', '')];
    return target === undefined ? `${at}: no ${schema.$ref}` : mismatch(value, target, root, at);
  }
  if (schema.oneOf !== undefined) {
    const fits = schema.oneOf.filter((each) => mismatch(value, each, root, at) === undefined);
    return fits.length === 1 ? undefined : `${at} fits ${fits.length} of the alternatives`;
  }
  for (const each of schema.allOf ?? []) {
    const why = mismatch(value, each, root, at);
    if (why !== undefined) return why;
  }
  if (schema.const !== undefined && value !== schema.const) return `${at} is not ${String(schema.const)}`;
  if (schema.enum !== undefined && !schema.enum.includes(value)) return `${at} is ${String(value)}`;
  if (schema.type !== undefined && typeName(value) !== schema.type) return `${at} is no ${schema.type}`;
  if (schema.minimum !== undefined && (value as number) < schema.minimum) return `${at} is too small`;
  if (Array.isArray(value)) {
    return value
      .map((item, index) => mismatch(item, schema.items ?? {}, root, `${at}[${index}]`))
      .find((text) => text !== undefined);
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const members = value as Readonly<Record<string, unknown>>;
  const missing = schema.required?.find((name) => members[name] === undefined);
  if (missing !== undefined) return `${at} has no ${missing}`;
  return Object.entries(schema.properties ?? {})
    .map(([name, each]) =>
      members[name] === undefined ? undefined : mismatch(members[name], each, root, `${at}.${name}`),
    )
    .find((text) => text !== undefined);
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
