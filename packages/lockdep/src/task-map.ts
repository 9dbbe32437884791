/** Something for each task; events of one task mostly come in runs, so the last one asked for is at hand. */
export class TaskMap<Value> {
  readonly #all = new Map<string, Value>();
  readonly #make: () => Value;
  #task: string | undefined;
  #value: Value | undefined;

  constructor(make: () => Value) {
    this.#make = make;
  }

  get(task: string): Value {
    if (task === this.#task) return this.#value as Value;
    let value = this.#all.get(task);
    if (value === undefined) {
      value = this.#make();
      this.#all.set(task, value);
    }
    this.#task = task;
    this.#value = value;
    return value;
  }

  clear(): void {
    this.#all.clear();
    this.#task = undefined;
    this.#value = undefined;
  }
}
