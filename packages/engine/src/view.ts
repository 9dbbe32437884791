import { registerUnfrozen } from './value.ts';

/** What was looked at, and what was seen. */
export type Looks = ReadonlyMap<PropertyKey, unknown>;

/**
 * A record that is another one in another model of the same world. Modelled functions see it through `seen`, which tells
 * what they look at: what was learned of them holds for every record that agrees with what was seen.
 */
export interface View<T extends object = object> {
  /** A registered constant. It can be looked at and not changed. */
  readonly seen: T;
  /** From now on this is what is seen. */
  show(record: T): void;
  /** What was looked at since this was asked last. */
  looks(): Looks;
}

/** Nothing was looked at. */
export const NO_LOOKS: Looks = new Map();

const ABSENT = Symbol('absent');
/** Stands for the list of all fields. */
const FIELDS = Symbol('fields');

/** Makes a view, which shows `record` at first. */
export function createView<T extends object>(record: T): View<T> {
  let shown: T = record;
  let looks = new Map<PropertyKey, unknown>();
  const look = (field: PropertyKey): void => void looks.set(field, fieldOf(shown, field));
  const refuse = (_: T, field: PropertyKey): never => {
    throw new TypeError(`Cannot assign to read only property '${String(field)}' of what a model is given`);
  };
  const seen = new Proxy({} as T, {
    get(_, field) {
      look(field);
      return Reflect.get(shown, field) as unknown;
    },
    has(_, field) {
      look(field);
      return Reflect.has(shown, field);
    },
    ownKeys() {
      look(FIELDS);
      return Reflect.ownKeys(shown);
    },
    getOwnPropertyDescriptor(_, field) {
      look(field);
      if (!Object.hasOwn(shown, field)) return undefined;
      return { value: Reflect.get(shown, field) as unknown, enumerable: true, configurable: true, writable: false };
    },
    set: refuse,
    defineProperty: refuse,
    deleteProperty: refuse,
  });
  return {
    seen: registerUnfrozen(seen),
    show(next) {
      shown = next;
    },
    looks() {
      if (looks.size === 0) return NO_LOOKS;
      const told = looks;
      looks = new Map();
      return told;
    },
  };
}

/** Would whoever looked have seen the same in this record? */
export function agrees(record: object, looks: Looks): boolean {
  for (const [field, value] of looks) if (!Object.is(fieldOf(record, field), value)) return false;
  return true;
}

function fieldOf(record: object, field: PropertyKey): unknown {
  if (field === FIELDS) return Reflect.ownKeys(record).map(String).join();
  return Reflect.has(record, field) ? Reflect.get(record, field) : ABSENT;
}
