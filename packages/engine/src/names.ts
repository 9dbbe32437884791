import type { Renamed } from './canonical.ts';
import type { GlideStep } from './glide.ts';
import type { System } from './system.ts';

/** What the threads and edges of a state are called, after all that was done to make states canonical on the way. */
export interface Names {
  /** More was done. */
  add(log: readonly Renamed[]): void;
  /** A step of the state as it is called now, under the name that it had at first. */
  first(step: GlideStep): GlideStep;
  /** The other way round; good for any step of the run. */
  last(): (step: GlideStep) => GlideStep;
}

/** Starts where everything has its own name. */
export function createNames({ automata, automatonOf }: System): Names {
  let threads = Int32Array.from(automatonOf.keys());
  /** Per thread as it is called now: first name of each edge; undefined where all have their own. */
  let edges: readonly (Int32Array | undefined)[] = automatonOf.map(() => undefined);

  const sort = (order: readonly number[]): void => {
    threads = Int32Array.from(order, (from) => threads[from] as number);
    edges = order.map((from) => edges[from]);
  };

  const exchange = ({ by }: Extract<Renamed, { by: unknown }>): void => {
    const nextThreads = threads.slice();
    const nextEdges = edges.slice();
    for (const [from, to] of by.threads.entries()) {
      nextThreads[to] = threads[from] as number;
      const names = edges[from];
      const images = by.edges[automatonOf[from] as number];
      if (images === undefined) nextEdges[to] = names;
      else {
        const mine = new Int32Array(images.length);
        for (const [edge, image] of images.entries()) mine[image] = names?.[edge] ?? edge;
        nextEdges[to] = mine;
      }
    }
    threads = nextThreads;
    edges = nextEdges;
  };

  return {
    add(log) {
      for (const each of log) {
        if ('order' in each) sort(each.order);
        else exchange(each);
      }
    },
    first: ({ thread, edge }) => ({ thread: threads[thread] as number, edge: edges[thread]?.[edge] ?? edge }),
    last() {
      const now = new Int32Array(threads.length);
      for (const [thread, first] of threads.entries()) now[first] = thread;
      const edgesNow = edges.map((names, thread) => {
        if (names === undefined) return undefined;
        const back = new Int32Array(automata[automatonOf[thread] as number]?.edgeAction.length ?? 0);
        for (const [edge, first] of names.entries()) back[first] = edge;
        return back;
      });
      return ({ thread, edge }) => {
        const to = now[thread] as number;
        return { thread: to, edge: edgesNow[to]?.[edge] ?? edge };
      };
    },
  };
}
