import type { Measures, MeasuresByTarget, Round } from './measure-peers.ts';

/** One line of the table of DESIGN §7. `holds` is undefined when it was not measured. */
export interface Row {
  measure: string;
  ours: string;
  must: string;
  aim: string;
  holds: 'aim' | 'must' | 'no' | undefined;
}

interface Goal {
  measure: string;
  unit: 'x' | 'MB';
  must: number;
  aim: number;
  moreIsBetter?: boolean;
  /** Undefined when a peer that it compares with is missing, or noise hides what is added. */
  value: (measures: MeasuresByTarget) => number | undefined;
  /** The same in plain units, for people. */
  plain?: (measures: MeasuresByTarget) => string | undefined;
}

const translatedPaced = (round: Round) => round.cpuPerTranslatedPacedEvent ?? Number.NaN;
const translatedFlood = (round: Round) => round.cpuPerTranslatedFloodEvent ?? Number.NaN;

const goals: readonly Goal[] = [
  {
    measure: 'CPU per request, 64 connections, against nginx',
    unit: 'x',
    must: 3.2,
    aim: 2.2,
    value: (all) => ratioOf(all.ours, all.nginx, (round) => round.cpuPerRequest),
    plain: (all) => microseconds(all.ours && medianOf(all.ours, (round) => round.cpuPerRequest)),
  },
  {
    measure: 'throughput against Portkey',
    unit: 'x',
    must: 10,
    aim: 15,
    moreIsBetter: true,
    value: (all) => ratioOf(all.ours, all.portkey, (round) => round.requestsPerSecond),
    plain: (all) => perSecond(all.ours),
  },
  {
    measure: 'throughput against nginx',
    unit: 'x',
    must: 0.3,
    aim: 0.5,
    moreIsBetter: true,
    value: (all) => ratioOf(all.ours, all.nginx, (round) => round.requestsPerSecond),
    plain: (all) => perSecond(all.ours),
  },
  {
    measure: 'added median latency, one connection, against what nginx adds',
    unit: 'x',
    must: 1.6,
    aim: 1,
    value: (all) => addedRatio(all, addedLatency),
    plain: (all) => microseconds(addedLatency(all.ours, all.direct)),
  },
  {
    measure: 'added time to first token, 32 streams, against nginx: median',
    unit: 'x',
    must: 4,
    aim: 2,
    value: (all) => addedRatio(all, addedFirstEvent(0.5)),
    plain: (all) => microseconds(addedFirstEvent(0.5)(all.ours, all.direct)),
  },
  {
    measure: 'the same: 95th percentile',
    unit: 'x',
    must: 6,
    aim: 3,
    value: (all) => addedRatio(all, addedFirstEvent(0.95)),
    plain: (all) => microseconds(addedFirstEvent(0.95)(all.ours, all.direct)),
  },
  {
    measure: 'CPU per streamed event, same wire, against nginx: 10 ms apart',
    unit: 'x',
    must: 2.2,
    aim: 1.6,
    value: (all) => ratioOf(all.ours, all.nginx, (round) => round.cpuPerPacedEvent),
    plain: (all) => microseconds(all.ours && medianOf(all.ours, (round) => round.cpuPerPacedEvent)),
  },
  {
    measure: 'the same: back to back',
    unit: 'x',
    must: 2.2,
    aim: 1.6,
    value: (all) => ratioOf(all.ours, all.nginx, (round) => round.cpuPerFloodEvent),
    plain: (all) => microseconds(all.ours && medianOf(all.ours, (round) => round.cpuPerFloodEvent)),
  },
  {
    measure: 'CPU per streamed event, translated, against nginx: 10 ms apart',
    unit: 'x',
    must: 3,
    aim: 2.2,
    value: ({ ours, nginx }) => ratioOf(ours, nginx, translatedPaced, (round) => round.cpuPerPacedEvent),
    plain: (all) => microseconds(all.ours && medianOf(all.ours, translatedPaced)),
  },
  {
    measure: 'the same: back to back',
    unit: 'x',
    must: 3,
    aim: 2.2,
    value: ({ ours, nginx }) => ratioOf(ours, nginx, translatedFlood, (round) => round.cpuPerFloodEvent),
    plain: (all) => microseconds(all.ours && medianOf(all.ours, translatedFlood)),
  },
  {
    measure: 'resident memory: idle',
    unit: 'MB',
    must: 110,
    aim: 80,
    value: (all) => all.ours?.idleMegabytes,
  },
  {
    measure: 'resident memory: after load',
    unit: 'MB',
    must: 180,
    aim: 120,
    value: (all) => all.ours?.loadedMegabytes,
  },
];

/** The table's rows, in DESIGN's order. */
export function peerTable(measures: MeasuresByTarget): Row[] {
  return goals.map((goal) => {
    const value = goal.value(measures);
    const plain = value === undefined ? undefined : goal.plain?.(measures);
    return {
      measure: goal.measure,
      ours: value === undefined ? '-' : withUnit(value, goal.unit) + (plain ? ` (${plain})` : ''),
      must: withUnit(goal.must, goal.unit),
      aim: withUnit(goal.aim, goal.unit),
      holds: value === undefined ? undefined : verdict(goal, value),
    };
  });
}

function verdict({ must, aim, moreIsBetter }: Goal, value: number): Row['holds'] {
  const reaches = (bound: number) => (moreIsBetter ? value >= bound : value <= bound);
  return reaches(aim) ? 'aim' : reaches(must) ? 'must' : 'no';
}

/** The median over rounds of the ratio within a round, so that a slow minute cancels out. */
function ratioOf(
  ours: Measures | undefined,
  other: Measures | undefined,
  figure: (round: Round) => number,
  beside: (round: Round) => number = figure,
): number | undefined {
  if (!ours || !other) return undefined;
  return median(
    ours.rounds.flatMap((round, index) => {
      const peer = other.rounds[index];
      return peer ? [figure(round) / beside(peer)] : [];
    }),
  );
}

type Added = (target: Measures | undefined, direct: Measures | undefined) => number | undefined;

const addedLatency: Added = (target, direct) =>
  target && direct && medianOf(target, (round) => round.p50At1) - medianOf(direct, (round) => round.p50At1);

/** From the samples of all rounds together, since a round has only 32. */
function addedFirstEvent(quantile: number): Added {
  const of = ({ rounds }: Measures) =>
    quantileOf(
      rounds.flatMap((round) => round.firstEvents),
      quantile,
    );
  return (target, direct) => target && direct && of(target) - of(direct);
}

function addedRatio(all: MeasuresByTarget, added: Added): number | undefined {
  const ours = added(all.ours, all.direct);
  const nginx = added(all.nginx, all.direct);
  if (ours === undefined || nginx === undefined) return undefined;
  return ours <= 0 || nginx <= 0 ? undefined : ours / nginx;
}

/** The median over rounds of one figure. */
export function medianOf({ rounds }: Measures, figure: (round: Round) => number): number {
  return median(rounds.map(figure));
}

function median(values: readonly number[]): number {
  return quantileOf(values, 0.5);
}

/** The value below which this part of all values lies (nearest rank). */
export function quantileOf(values: readonly number[], quantile: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? Number.NaN;
}

function withUnit(value: number, unit: Goal['unit']): string {
  return unit === 'x' ? `${value.toFixed(2)} ×` : `${Math.round(value)} MB`;
}

function microseconds(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${value < 100 ? value.toFixed(1) : Math.round(value)} µs`;
}

function perSecond(ours: Measures | undefined): string | undefined {
  return ours && `${Math.round(medianOf(ours, (round) => round.requestsPerSecond))}/s`;
}
