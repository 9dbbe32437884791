import { Place } from '../../place.ts';
import type { TaskState } from '../task-state.ts';

/** A task that holds nothing and is inside of nothing; what else its next run may depend on. */
interface Rest {
  /** Its last fault is over, and its next record says so; with the filesystem that was in it. */
  readonly over: boolean;
  readonly fs: string | undefined;
  /** Who asked last for a handle. */
  readonly request: string | undefined;
}

/** There are as many as filesystems and functions that start handles; garbage has no places of its own. */
const MAX_RESTS = 512;

/** Resting places of tasks, by numbers from 1 on. A state at one of them can be made from the number alone. */
export class Rests {
  static readonly MAX = MAX_RESTS;
  readonly #numbers = new Map<string, number>();
  readonly #rests: Rest[] = [];

  /** The place where this state rests; 0 where it doesn't. `wanted` says whether somebody still wants to see a fault. */
  of(task: TaskState, wanted: (fs: string | undefined) => boolean): number {
    if (!isAtRest(task)) return 0;
    const { fault, request } = task;
    if (fault !== undefined) {
      if (!fault.handlerSeen || !fault.maybeOver || !fault.exited || wanted(fault.fs)) return 0;
    }
    const key = `${fault === undefined ? '' : `over ${fault.fs ?? ''}`}\n${request ?? ''}\n${request === undefined}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#rests.length >= MAX_RESTS) return 0;
    this.#rests.push({ over: fault !== undefined, fs: fault?.fs, request });
    this.#numbers.set(key, this.#rests.length);
    return this.#rests.length;
  }

  /** Makes a state that is at one place into what it is at another. */
  move(task: TaskState, to: number): void {
    const rest = this.#rests[to - 1];
    if (rest === undefined) throw new Error(`no resting place ${to}`);
    task.request = rest.request;
    task.fault = rest.over ? overFault(rest.fs) : undefined;
  }
}

function isAtRest(task: TaskState): boolean {
  return (
    task.held.length === 0 &&
    task.announced.length === 0 &&
    task.scopes.length === 0 &&
    task.draft === undefined &&
    task.trying === undefined &&
    task.dax === undefined &&
    task.afterSync === undefined &&
    task.waiting === undefined &&
    task.unnamed.length === 0 &&
    task.doubtful.length === 0 &&
    task.reclaim.length === 0 &&
    task.mayEnterFs.length === 0 &&
    task.nofs === 0 &&
    task.noio === 0
  );
}

const NOWHERE = /* @__PURE__ */ new Place(undefined, 0, 0, '');

/** Nobody wants to see it: the next record ends it, whatever it was. */
function overFault(fs: string | undefined): NonNullable<TaskState['fault']> {
  return {
    where: NOWHERE,
    events: [],
    reclaims: [],
    kernelMode: false,
    access: 'read',
    ...(fs === undefined ? {} : { fs }),
    sync: false,
    handlerSeen: true,
    maybeOver: true,
    dropped: 0,
    exited: true,
  };
}
