/** The part of JSON Schema 2020-12 that our schemas use. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly $ref?: string;
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

function checkObject(
  value: Readonly<Record<string, unknown>>,
  schema: JsonSchema,
  root: JsonSchema,
  at: string,
): string | undefined {
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) return `${at} lacks ${name}`;
  }
  for (const [name, inner] of Object.entries(value)) {
    const known =
      schema.properties !== undefined && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    const rest = schema.additionalProperties;
    if (known === undefined && rest === false) return `${at} has an unknown property ${JSON.stringify(name)}`;
    const use = known ?? (typeof rest === 'object' ? rest : undefined);
    const wrong = use === undefined ? undefined : firstMismatch(inner, use, root, `${at}.${name}`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** The first place where a value does not fit, in words, or undefined. */
export function firstMismatch(
  value: unknown,
  schema: JsonSchema,
  root: JsonSchema = schema,
  at = 'document',
): string | undefined {
  if (schema.$ref !== undefined) {
    const target = root.$defs?.[schema.$ref.replace('#/$defs/', '')];
    if (target === undefined) throw new Error(`the schema has no ${schema.$ref}`);
    return firstMismatch(value, target, root, at);
  }
  const type = typeOf(value);
  if (schema.type !== undefined) {
    const fits = schema.type === 'integer' ? Number.isSafeInteger(value) : type === schema.type;
    if (!fits) return `${at} is ${type === 'number' ? 'no whole number' : `of type ${type}`}, expected ${schema.type}`;
  }
  if (schema.const !== undefined && value !== schema.const)
    return `${at} is ${JSON.stringify(value)}, expected ${JSON.stringify(schema.const)}`;
  if (schema.enum !== undefined && !schema.enum.includes(String(value))) {
    return `${at} is ${JSON.stringify(value)}, expected one of ${schema.enum.join(', ')}`;
  }
  if (typeof value === 'number' && schema.minimum !== undefined && value < schema.minimum)
    return `${at} is below ${schema.minimum}`;
  if (typeof value === 'string' && value.length < (schema.minLength ?? 0)) return `${at} is empty`;
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) return `${at} has fewer than ${schema.minItems} items`;
    const { items } = schema;
    if (items === undefined) return undefined;
    for (const [i, item] of value.entries()) {
      const wrong = firstMismatch(item, items, root, `${at}[${i}]`);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }
  return type === 'object' ? checkObject(value as Readonly<Record<string, unknown>>, schema, root, at) : undefined;
}
