import type { ClassCycle } from './cycle.ts';
import { type AssumedEdge, type ClassEdge, type DependencyType, dependencyType, type Evidence } from './dependency.ts';
import { EdgeStore } from './edge-store.ts';
import { LockdepError } from './errors.ts';
import type { AllocEvent, FaultpathEvent, LockEvent, LockKind, ReclaimEvent, WaitEvent } from './events.ts';
import { type HeldItem, heldItems, waitsBehind } from './held-items.ts';
import { HeldNodes, lockToken } from './held-nodes.ts';
import { classId, FS_RECLAIM, IO_RECLAIM, type LockClass, MMU_NOTIFIER, orderedByInstance } from './lock-class.ts';
import type { TaskContext } from './rule.ts';
import { allocationsMayReclaim, cannotWait, mayDoIo, mayEnterFs, reclaimPlace, sees, type Theory } from './theory.ts';
import type { TaskList, Watch } from './watch.ts';

export type { AssumedEdge } from './dependency.ts';

export interface ClassGraphOptions {
  /** Default `faultpath`. */
  readonly theory?: Theory;
  /** Allocations that may reclaim at all enter the mmu-notifier map: true from 5.11 on (the default). */
  readonly mmuNotifier?: boolean;
  /** Keep evidence apart by lock instance. For closed models; a recording has too many instances. */
  readonly instances?: boolean;
  /** Told of what is new; of the tasks that did the same, the graph then keeps two, and what each of them did. */
  readonly watch?: Watch | undefined;
}

/** An allocation that would have made an edge into `fs_reclaim`, had it not said `__GFP_NOLOCKDEP`. */
export interface SuppressedEdge {
  readonly from: LockClass;
  readonly event: AllocEvent;
}

/** Evidence that hears of a second task. */
type MutableEvidence = { -readonly [K in keyof Evidence]: Evidence[K] };

/** Who has held and wanted just that. */
class Pattern implements TaskList {
  readonly tasks: Set<string>;
  /** Where tasks come and go, two stand for all. */
  readonly #most: number;
  /** What was made of it when it was new. */
  evidence: readonly MutableEvidence[] | undefined;
  /** The last two: tasks of two CPUs take turns. */
  #lastTask: string;
  #otherTask: string;

  constructor(task: string, most: number) {
    this.#most = most;
    this.tasks = new Set([task]);
    this.#lastTask = task;
    this.#otherTask = task;
  }

  /** Says whether it is the second task of the list, and was not in it before. */
  note(task: string): boolean {
    if (this.#lastTask === task) return false;
    const before = this.tasks.size;
    if (this.#otherTask !== task && before < this.#most) this.tasks.add(task);
    this.#otherTask = this.#lastTask;
    this.#lastTask = task;
    return before === 1 && this.tasks.size === 2;
  }
}

/** Who reads a recording only asks whether it was more than one task. */
const ENOUGH_TASKS = 2;

const noCycles: readonly ClassCycle[] = Object.freeze([]);

/**
 * The graph held → wanted between lock classes, fed with events and their contexts. Each new pattern (what is held, what
 * is wanted) is worked out once; a pattern seen before costs one look-up per held lock.
 */
export class ClassGraph {
  readonly theory: Theory;
  readonly classes: readonly LockClass[];
  readonly suppressed: readonly SuppressedEdge[];
  readonly #mutableClasses: LockClass[] = [];
  readonly #mutableSuppressed: SuppressedEdge[] = [];
  readonly #byName: Map<string, LockClass>[] = [];
  readonly #store = new EdgeStore();
  readonly #nodes: HeldNodes;
  readonly #patterns: (Pattern | undefined)[] = [];
  readonly #cycles = new Map<string, ClassCycle>();
  readonly #exclusive = new Map<LockClass, Evidence[]>();
  readonly #mmuNotifier: boolean;
  readonly #instances: boolean;
  readonly #watch: Watch | undefined;

  constructor(options: ClassGraphOptions = {}) {
    this.theory = options.theory ?? 'faultpath';
    this.#mmuNotifier = options.mmuNotifier ?? true;
    this.#instances = options.instances ?? false;
    this.#watch = options.watch;
    this.#nodes = new HeldNodes(this.theory, this.#instances, (lock, sub, kind) => this.#class(lock, sub, kind));
    this.classes = this.#mutableClasses;
    this.suppressed = this.#mutableSuppressed;
  }

  /** Takes one event with the context just before it. Returns the cycles that it closed and that were not known yet. */
  onEvent(event: FaultpathEvent, context: TaskContext): readonly ClassCycle[] {
    switch (event.type) {
      case 'lock':
        return event.action === 'release' || !sees(this.theory, event) ? noCycles : this.#want(event, context);
      case 'wait':
        return this.theory === 'kernel' ? noCycles : this.#want(event, context);
      case 'alloc':
        return this.#allocate(event, context);
      case 'reclaim':
        return event.action === 'enter' ? this.#enterReclaim(event, context) : noCycles;
      default:
        return noCycles;
    }
  }

  /** Adds a dependency that was declared, not seen. Throws `FAULTPATH_BAD_ASSUMPTION` without a reason. */
  assume(assumed: AssumedEdge): readonly ClassCycle[] {
    if (assumed.because.trim() === '') {
      throw new LockdepError(
        'FAULTPATH_BAD_ASSUMPTION',
        `the assumed dependency ${assumed.from.lock} -> ${assumed.to.lock} needs a reason in "because"`,
      );
    }
    const [from, to] = [assumed.from, assumed.to].map((lock) => ({
      class: this.#class(lock.lock, lock.subclass ?? 0, lock.kind),
      mode: lock.mode,
      ...(lock.owner && { owner: lock.owner }),
    }));
    return this.#add([
      {
        task: 'assumed',
        tasks: new Set(['assumed']),
        type: dependencyType(from!.mode, to!.mode),
        from: from!,
        to: to!,
        distance: 1,
        held: [],
        scopes: [],
        assumed,
        beyondKernel: 'declared, not seen',
      },
    ]);
  }

  /** Distinct cycles found so far, each as it was first closed. */
  get cycles(): readonly ClassCycle[] {
    return [...this.#cycles.values()];
  }

  edges(): IterableIterator<ClassEdge> {
    return this.#store.all();
  }

  edgesInto(to: LockClass): IterableIterator<ClassEdge> {
    return this.#store.into(to);
  }

  findClass(lock: string, subclass = 0): LockClass | undefined {
    return this.#byName[subclass]?.get(lock);
  }

  /** The edge between two classes, by name (`lock` or `lock/subclass`). */
  edge(from: string, to: string): ClassEdge | undefined {
    const [a, b] = [from, to].map((id) => this.#mutableClasses.find((known) => known.id === id));
    return a && b && this.#store.get(a, b);
  }

  /** Edges that closed a cycle when they came. */
  get closures(): readonly { readonly edge: ClassEdge; readonly type: DependencyType }[] {
    return this.#store.closures;
  }

  /** The shortest strong cycle through an edge on classes that `pass` accepts. */
  shortestCycle(
    edge: ClassEdge,
    type: DependencyType,
    pass?: (lockClass: LockClass) => boolean,
  ): ClassCycle | undefined {
    return this.#store.shortestCycle(edge, type, pass);
  }

  /** Distinct strong cycles through an edge, short ones first, at most `limit`. */
  cyclesThrough(edge: ClassEdge, type: DependencyType, limit = 64): readonly ClassCycle[] {
    return this.#store.cyclesThrough(edge, type, limit);
  }

  /** Who wanted a class exclusively and could wait for it: between two readers it takes such a one to block. */
  exclusiveWaiters(lockClass: LockClass): readonly Evidence[] {
    return this.#exclusive.get(lockClass) ?? [];
  }

  #want(event: LockEvent | WaitEvent, context: TaskContext): readonly ClassCycle[] {
    const subclass = event.type === 'lock' ? (event.subclass ?? 0) : 0;
    const wanted = this.#class(event.lock, subclass, event.kind);
    const mode = event.type === 'lock' ? event.mode : 'exclusive';
    const trylock = event.type === 'lock' && cannotWait(this.theory, event);
    const owner = event.type === 'lock' ? event.owner : undefined;
    let node = this.#nodes.held(context, event.lock, event.instance);
    node = this.#nodes.step(node, lockToken(wanted, mode, trylock));
    if (owner !== undefined) node = this.#nodes.owner(node, owner);
    if (event.type === 'lock' && event.filesystem !== undefined) {
      node = this.#nodes.filesystem(node, event.filesystem);
    }
    if (this.#instances) node = this.#nodes.step(node, this.#nodes.word(event.instance));
    const pattern = this.#toLearn(node, event.task);
    if (pattern === undefined || trylock) return noCycles;
    const { tasks } = pattern;
    const items = heldItems(this.theory, context, (lock, sub, kind) => this.#class(lock, sub, kind));
    const to = {
      class: wanted,
      mode,
      instance: event.instance,
      ...(owner && { owner }),
      ...(event.type === 'lock' && { event }),
    };
    const evidence = this.#evidence(waitsBehind(this.theory, items, wanted), to, event, context, tasks).filter(
      ({ from }) => from.class !== wanted || !orderedByInstance(wanted.kind) || from.instance === event.instance,
    );
    if (mode === 'exclusive' && pattern.evidence === undefined) {
      this.#rememberExclusive(wanted, to, event, context, tasks);
    }
    return this.#learn(pattern, evidence);
  }

  #allocate(event: AllocEvent, context: TaskContext): readonly ClassCycle[] {
    const { effective } = event;
    if (effective.directReclaim !== true || !allocationsMayReclaim(context)) return noCycles;
    const fs = mayEnterFs(effective);
    const io = this.theory === 'faultpath' && mayDoIo(effective);
    const silenced = effective.nolockdep === true;
    if (!fs && !io && !this.#mmuNotifier) return noCycles;
    let node = this.#nodes.step(this.#nodes.held(context), 16 + Number(fs) + 2 * Number(io) + 4 * Number(silenced));
    node = this.#nodes.step(node, this.#nodes.word(event.site));
    const pattern = this.#toLearn(node, event.task);
    if (pattern === undefined) return noCycles;
    const { tasks } = pattern;
    const items = heldItems(this.theory, context, (lock, sub, kind) => this.#class(lock, sub, kind));
    const behind = waitsBehind(this.theory, items);
    if (silenced) {
      if (fs && pattern.evidence === undefined) {
        for (const item of behind) this.#mutableSuppressed.push({ from: item.fact.class, event });
      }
      return this.#learn(pattern, []);
    }
    const all: Evidence[] = [];
    const enter = (name: string, from: readonly HeldItem[], beyond?: string): HeldItem => {
      const fact = { class: this.#class(name, 0, 'pseudo'), mode: 'exclusive' as const };
      const others = from.filter((item) => item.fact.class !== fact.class);
      all.push(...this.#evidence(others, fact, event, context, tasks, beyond));
      return { fact, trylock: false, distance: 1 };
    };
    const mmuFrom = fs ? [enter(FS_RECLAIM, behind)] : behind;
    if (io) enter(IO_RECLAIM, behind, 'the kernel has no pseudo-lock for reclaim that may only do I/O');
    if (this.#mmuNotifier) enter(MMU_NOTIFIER, mmuFrom);
    return this.#learn(pattern, all);
  }

  #enterReclaim(event: ReclaimEvent, context: TaskContext): readonly ClassCycle[] {
    // drop_caches is no allocation: what its caller holds does not wait behind reclaim.
    if (context.reclaim !== undefined || event.via === 'drop_caches' || event.via === 'shrinker') return noCycles;
    const place = reclaimPlace(this.theory, { via: event.via, effective: event.effective });
    if (place === undefined) return noCycles;
    let node = this.#nodes.step(this.#nodes.held(context), place.level === 'fs' ? 8 : 9);
    node = this.#nodes.step(node, this.#nodes.word(event.via));
    const pattern = this.#toLearn(node, event.task);
    if (pattern === undefined) return noCycles;
    const { tasks } = pattern;
    const items = heldItems(this.theory, context, (lock, sub, kind) => this.#class(lock, sub, kind));
    const name = place.level === 'fs' ? FS_RECLAIM : IO_RECLAIM;
    const to = { class: this.#class(name, 0, 'pseudo'), mode: 'exclusive' as const };
    const evidence = this.#evidence(waitsBehind(this.theory, items), to, event, context, tasks, place.beyondKernel);
    return this.#learn(pattern, evidence);
  }

  #evidence(
    from: readonly HeldItem[],
    to: Evidence['to'],
    event: NonNullable<Evidence['event']>,
    context: TaskContext,
    tasks: Set<string>,
    beyond?: string,
  ): Evidence[] {
    const held = context.held.slice();
    const scopes = context.scopes.slice();
    const wanted =
      event.type === 'lock' && event.kind === 'handle' && event.mode !== 'exclusive' ? handleWait : undefined;
    const unseen = to.event && !sees('kernel', to.event) ? `the kernel has no class for ${to.class.id}` : undefined;
    return from.map((item) => {
      const why = beyond ?? item.beyondKernel ?? wanted ?? unseen;
      return {
        task: event.task,
        tasks,
        type: dependencyType(item.fact.mode, to.mode),
        from: item.fact,
        to,
        distance: item.distance,
        held,
        scopes,
        ...(context.reclaim && { reclaim: { ...context.reclaim } }),
        event,
        ...(why !== undefined && { beyondKernel: why }),
      };
    });
  }

  #rememberExclusive(
    wanted: LockClass,
    to: Evidence['to'],
    event: LockEvent | WaitEvent,
    context: TaskContext,
    tasks: Set<string>,
  ): void {
    const known = this.#exclusive.get(wanted) ?? [];
    known.push({
      task: event.task,
      tasks,
      type: 'EN',
      from: to,
      to,
      distance: 1,
      held: context.held.slice(),
      scopes: [],
      event,
    });
    this.#exclusive.set(wanted, known);
  }

  #add(evidence: readonly Evidence[]): readonly ClassCycle[] {
    let found: ClassCycle[] | undefined;
    for (const one of evidence) {
      const cycle = this.#store.add(one);
      if (cycle === undefined || this.#cycles.has(cycle.key)) continue;
      this.#cycles.set(cycle.key, cycle);
      found ??= [];
      found.push(cycle);
    }
    return found ?? noCycles;
  }

  /** A new pattern, or one that a second task repeats for the first time; of others nothing is to be learned. */
  #toLearn(node: number, task: string): Pattern | undefined {
    const known = this.#patterns[node];
    if (known !== undefined) {
      const second = known.note(task);
      this.#watch?.noted(task, known);
      return second && !this.#instances ? known : undefined;
    }
    this.#watch?.news();
    while (this.#patterns.length < node) this.#patterns.push(undefined);
    const fresh = new Pattern(task, this.#watch === undefined ? Number.POSITIVE_INFINITY : ENOUGH_TASKS);
    this.#patterns[node] = fresh;
    return fresh;
  }

  /** Of a new pattern the evidence is added; of one that was known the second task's is kept beside the first's. */
  #learn(pattern: Pattern, evidence: readonly MutableEvidence[]): readonly ClassCycle[] {
    const first = pattern.evidence;
    if (first === undefined) {
      pattern.evidence = evidence;
      return this.#add(evidence);
    }
    for (const [index, one] of first.entries()) {
      const other = evidence[index];
      if (other !== undefined) one.again = other;
    }
    return noCycles;
  }

  #class(lock: string, subclass: number, kind: LockKind): LockClass {
    let named = this.#byName[subclass];
    if (named === undefined) {
      named = new Map();
      this.#byName[subclass] = named;
    }
    const known = named.get(lock);
    if (known !== undefined) return known;
    const fresh = { index: this.#mutableClasses.length, id: classId(lock, subclass), lock, subclass, kind };
    this.#mutableClasses.push(fresh);
    named.set(lock, fresh);
    this.#store.addClass(fresh);
    return fresh;
  }
}

const handleWait = 'the kernel takes a handle as a trylock; it waits while the running transaction is locked';
