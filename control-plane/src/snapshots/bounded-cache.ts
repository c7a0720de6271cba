/** A map that forgets what was not used for longest once the values weigh more than its limit. */
export interface BoundedCache<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  delete(key: string): void;
  readonly size: number;
}

/** @param weigh how much a value counts towards the limit; 1 each where absent */
export function createBoundedCache<Value>(
  limit: number,
  weigh: (value: Value) => number = () => 1,
): BoundedCache<Value> {
  const values = new Map<string, Value>();
  let weight = 0;

  function remove(key: string): void {
    const value = values.get(key);
    if (value === undefined || !values.delete(key)) return;
    weight -= weigh(value);
  }

  return {
    get(key) {
      const value = values.get(key);
      if (value === undefined) return undefined;
      values.delete(key);
      values.set(key, value);
      return value;
    },
    set(key, value) {
      remove(key);
      values.set(key, value);
      weight += weigh(value);
      for (const oldest of values.keys()) {
        if (weight <= limit) break;
        remove(oldest);
      }
    },
    delete: remove,
    get size() {
      return values.size;
    },
  };
}
