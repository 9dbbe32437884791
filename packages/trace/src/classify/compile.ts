import type {
  CallerRule,
  EntryRule,
  InvisibleRule,
  LockKind,
  LockMode,
  NamedLockRule,
  PrimitiveRule,
  SiteRule,
  TraceScopeRule,
  TraceVocabulary,
} from '@faultpath/lockdep';
import { TraceError } from '../error.ts';
import { type FieldName, fieldName } from '../word.ts';

/** A probe on a locking function, with its fields ready to be asked for. */
export interface Primitive {
  readonly rule: PrimitiveRule;
  /** Dense; what is known of a caller is kept by it. */
  readonly index: number;
  readonly instance: FieldName;
  readonly caller: FieldName;
  readonly result: FieldName;
}

/**
 * What one event name means. An event may have several meanings, such as a mark and a scope's beginning. The fields that a
 * meaning has read are listed in `memory/reads.ts`, too.
 */
export interface EventMeaning {
  primitive?: Primitive;
  /** Entry probe of a trylock: only its lock's address matters. */
  tryEntry?: { readonly field: FieldName };
  named?: NamedLockRule;
  scopeEnter?: TraceScopeRule;
  scopeExit?: TraceScopeRule;
  scopeRequest?: TraceScopeRule;
  handOver?: TraceScopeRule;
  entry?: EntryRule;
  /** Filesystem whose event this is. */
  fs?: string;
}

/** A caller's rule, with the filesystem whose lock it takes. */
export type KnownCaller = CallerRule & { readonly fs?: string };

/** Vocabularies merged into tables that the hot path looks things up in. */
export interface CompiledVocabulary {
  readonly events: ReadonlyMap<string, EventMeaning>;
  readonly kinds: ReadonlyMap<string, LockKind>;
  readonly lockdepClasses: ReadonlyMap<string, string>;
  readonly callers: ReadonlyMap<string, readonly KnownCaller[]>;
  /** Locks of the core that every kind of filesystem has of its own. */
  readonly ofFilesystems: ReadonlySet<string>;
  /** Locks that an event names before (`acquire`) or after (`release`) their own probe. */
  readonly namedLocks: { readonly acquire: ReadonlySet<string>; readonly release: ReadonlySet<string> };
  readonly sites: readonly SiteRule[];
  /** Each with the filesystem that it is about, if any. */
  readonly invisible: readonly (InvisibleRule & { readonly fs?: string })[];
  readonly filesystems: readonly string[];
}

/**
 * Merges vocabularies, the core's first.
 * @throws TraceError `TRACE_BAD_OPTION` when two of them claim one name
 */
export function compileVocabularies(vocabularies: readonly TraceVocabulary[]): CompiledVocabulary {
  const events = new Map<string, EventMeaning>();
  const seen = new Set<string>();
  let primitives = 0;
  const meaning = (event: string): EventMeaning => {
    const known = events.get(event);
    if (known !== undefined) return known;
    const made: EventMeaning = {};
    events.set(event, made);
    return made;
  };
  for (const vocabulary of vocabularies) {
    if (seen.has(vocabulary.name)) {
      throw new TraceError('TRACE_BAD_OPTION', `two trace vocabularies are named '${vocabulary.name}'; give each once`);
    }
    seen.add(vocabulary.name);
    for (const rule of vocabulary.primitives ?? []) {
      const instance = fieldName(rule.instance ?? 'sem');
      const caller = fieldName(rule.caller ?? 'caller');
      meaning(rule.event).primitive = {
        rule,
        index: primitives,
        instance,
        caller,
        result: fieldName(rule.result ?? 'ret'),
      };
      primitives += 1;
      if (rule.entry !== undefined) meaning(rule.entry).tryEntry = { field: instance };
    }
    for (const rule of vocabulary.named ?? []) meaning(rule.event).named = rule;
    for (const rule of vocabulary.entries ?? []) meaning(rule.event).entry = rule;
    for (const rule of vocabulary.scopes ?? []) {
      meaning(rule.enter).scopeEnter = rule;
      for (const exit of rule.exit) meaning(exit).scopeExit = rule;
      for (const request of rule.request ?? []) meaning(request).scopeRequest = rule;
      if (rule.handOver !== undefined) meaning(rule.handOver).handOver = rule;
    }
    if (vocabulary.fs !== undefined) for (const mark of vocabulary.marks ?? []) meaning(mark).fs = vocabulary.fs;
  }
  const callers = new Map<string, KnownCaller[]>();
  const known = vocabularies.flatMap(({ fs, callers: rules = [] }) =>
    rules.map((rule): KnownCaller => (fs === undefined ? rule : { ...rule, fs })),
  );
  for (const rule of known) {
    const list = callers.get(rule.caller);
    if (list === undefined) callers.set(rule.caller, [rule]);
    else list.push(rule);
  }
  return {
    events,
    kinds: new Map(vocabularies.flatMap((vocabulary) => Object.entries(vocabulary.locks))),
    lockdepClasses: new Map(vocabularies.flatMap((vocabulary) => Object.entries(vocabulary.lockdepClasses ?? {}))),
    callers,
    ofFilesystems: new Set(vocabularies.flatMap(({ ofFilesystems }) => ofFilesystems ?? [])),
    namedLocks: { acquire: locksNamed(vocabularies, 'follows'), release: locksNamed(vocabularies, 'precedes') },
    sites: vocabularies.flatMap((vocabulary) => vocabulary.sites ?? []),
    invisible: vocabularies.flatMap(({ fs, invisible }) =>
      (invisible ?? []).map((rule) => (fs === undefined ? rule : { ...rule, fs })),
    ),
    filesystems: vocabularies.flatMap((vocabulary) => (vocabulary.fs === undefined ? [] : [vocabulary.fs])),
  };
}

function locksNamed(
  vocabularies: readonly TraceVocabulary[],
  primitive: NamedLockRule['primitive'],
): ReadonlySet<string> {
  const rules = vocabularies.flatMap(({ named }) => named ?? []).filter((rule) => rule.primitive === primitive);
  return new Set(rules.flatMap(({ parts }) => parts.map(({ lock }) => lock)));
}

/** The rules for a caller that concern what it does here; the first whose `holding` is met decides. */
export function callerRules(
  vocabulary: CompiledVocabulary,
  caller: string,
  kind: LockKind,
  mode: LockMode,
): readonly KnownCaller[] {
  return (vocabulary.callers.get(caller) ?? []).filter(
    (rule) => (rule.kind === undefined || rule.kind === kind) && (rule.mode === undefined || rule.mode === mode),
  );
}
