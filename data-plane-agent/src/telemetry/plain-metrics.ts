import { Counter, Histogram, type Registry } from 'prom-client';

/**
 * Counters and histograms that count in plain numbers, so that the hot path pays an addition and not a look-up of labels
 * by text. They are turned into prom-client's form when someone scrapes.
 */

/** One combination of labels of a counter. */
export interface Count {
  value: number;
}

/** A counter whose children are found once and then added to. */
export interface PlainCounter {
  /** The child for label values in the order of the names. Bounded by the caller's closed sets. */
  child(values: readonly string[]): Count;
}

/** Adds a counter to a registry. */
export function plainCounter(
  registry: Registry,
  name: string,
  help: string,
  labels: readonly string[],
): PlainCounter {
  const children = new Map<string, { labels: Record<string, string>; count: Count }>();
  new Counter({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
    collect() {
      this.reset();
      for (const child of children.values()) this.inc(child.labels, child.count.value);
    },
  });
  return {
    child: (values) => {
      const key = values.join('\n');
      const known = children.get(key);
      if (known) return known.count;
      const made = { labels: named(labels, values), count: { value: 0 } };
      children.set(key, made);
      return made.count;
    },
  };
}

/** One combination of labels of a histogram. */
export interface Distribution {
  observe(value: number): void;
}

/** A histogram whose children are found once and then observed. */
export interface PlainHistogram {
  child(values: readonly string[]): Distribution;
}

interface HistogramChild extends Distribution {
  readonly labels: Record<string, string>;
  /** Observations by the first bound that is not below them; the last entry is +Inf. */
  readonly counts: number[];
  sum: number;
}

/** Adds a histogram to a registry. */
export function plainHistogram(
  registry: Registry,
  name: string,
  help: string,
  labels: readonly string[],
  bounds: readonly number[],
): PlainHistogram {
  const children = new Map<string, HistogramChild>();
  const exported = () =>
    Promise.resolve({
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      values: Array.from(children.values(), (child) => histogramValues(name, bounds, child)).flat(),
    });
  const histogram = new Histogram({ name, help, labelNames: [...labels], registers: [registry] });
  // The registry asks for one or the other, whether it writes text or JSON.
  Object.assign(histogram, { get: exported, getForPromString: exported });
  return {
    child: (values) => {
      const key = values.join('\n');
      const known = children.get(key);
      if (known) return known;
      const made = histogramChild(named(labels, values), bounds);
      children.set(key, made);
      return made;
    },
  };
}

function histogramChild(labels: Record<string, string>, bounds: readonly number[]): HistogramChild {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  return {
    labels,
    counts,
    sum: 0,
    observe(value) {
      let index = 0;
      while (index < bounds.length && value > (bounds[index] ?? 0)) index++;
      counts[index] = (counts[index] ?? 0) + 1;
      this.sum += value;
    },
  };
}

function histogramValues(name: string, bounds: readonly number[], { labels, counts, sum }: HistogramChild) {
  let below = 0;
  const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound, index) => {
    below += counts[index] ?? 0;
    const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : bound;
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: below };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: below },
  ];
}

function named(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}
