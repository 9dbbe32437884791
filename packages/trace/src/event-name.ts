import type { Route } from './classify/route.ts';

/** The name of an event as a reader keeps it, with room for what the classifier does with such records. */
export class EventName {
  readonly name: string;
  /** Whether anybody reads records of this name; the others are only counted. */
  readonly wanted: boolean;
  route: Route | undefined = undefined;

  constructor(name: string, wanted: boolean) {
    this.name = name;
    this.wanted = wanted;
  }
}
