import { describe, expect, it } from 'vitest';
import type { Measures, Round } from './measure-peers.ts';
import { peerTable, quantileOf } from './peer-table.ts';
import { goalLines } from './print-peers.ts';

function measured(...rounds: Partial<Round>[]): Measures {
  const zero: Round = {
    requestsPerSecond: 0,
    cpuPerRequest: 0,
    p50At64: 0,
    p99At64: 0,
    p50At1: 0,
    firstEvents: [],
    cpuPerPacedEvent: 0,
    cpuPerFloodEvent: 0,
    floodEventsPerSecond: 0,
    cpuPerTranslatedPacedEvent: undefined,
    cpuPerTranslatedFloodEvent: undefined,
    failed: 0,
  };
  return { rounds: rounds.map((round) => ({ ...zero, ...round })), idleMegabytes: 100, loadedMegabytes: 200 };
}

function rowOf(measure: string, measures: Parameters<typeof peerTable>[0]) {
  return peerTable(measures).find((row) => row.measure.startsWith(measure));
}

describe('peerTable', () => {
  it('compares within a round and takes the median', () => {
    const ours = measured({ cpuPerRequest: 40 }, { cpuPerRequest: 900 }, { cpuPerRequest: 50 });
    const nginx = measured({ cpuPerRequest: 20 }, { cpuPerRequest: 300 }, { cpuPerRequest: 20 });
    expect(rowOf('CPU per request', { ours, nginx })).toMatchObject({
      ours: '2.50 × (50.0 µs)',
      holds: 'must',
    });
  });

  it('knows where more is better', () => {
    const portkey = measured({ requestsPerSecond: 1000 });
    const holds = [9_000, 12_000, 16_000].map(
      (requestsPerSecond) =>
        rowOf('throughput against Portkey', { ours: measured({ requestsPerSecond }), portkey })?.holds,
    );
    expect(holds).toEqual(['no', 'must', 'aim']);
  });

  it('compares what is added, not the whole', () => {
    const [ours, nginx, direct] = [
      measured({ p50At1: 250 }),
      measured({ p50At1: 150 }),
      measured({ p50At1: 50 }),
    ];
    expect(rowOf('added median latency', { ours, nginx, direct })).toMatchObject({
      ours: '2.00 × (200 µs)',
      holds: 'no',
    });
  });

  it('says nothing where noise hides what is added, or a peer is missing', () => {
    const [ours, nginx, direct] = [
      measured({ p50At1: 250 }),
      measured({ p50At1: 50 }),
      measured({ p50At1: 50 }),
    ];
    expect(rowOf('added median latency', { ours, nginx, direct })).toMatchObject({
      ours: '-',
      holds: undefined,
    });
    const reversed = { ours: nginx, nginx: ours, direct: measured({ p50At1: 60 }) };
    expect(rowOf('added median latency', reversed)).toMatchObject({ ours: '-', holds: undefined });
    expect(rowOf('throughput against nginx', { ours })).toMatchObject({ ours: '-', holds: undefined });
  });

  it('takes first events of all rounds together', () => {
    const ours = measured({ firstEvents: [1, 2, 3] }, { firstEvents: [4, 500] });
    const nginx = measured({ firstEvents: [2] });
    const direct = measured({ firstEvents: [1] });
    expect(rowOf('added time to first token', { ours, nginx, direct })).toMatchObject({
      ours: '2.00 × (2.0 µs)',
    });
  });

  it('prints lines of one width', () => {
    const lines = goalLines(peerTable({ ours: measured({}) }));
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    expect(lines.at(-1)).toMatch(/after load.*200 MB.*180 MB.*120 MB.*NO/);
  });
});

it('takes quantiles by nearest rank', () => {
  expect([0, 0.5, 0.95, 1].map((quantile) => quantileOf([4, 2, 1, 3], quantile))).toEqual([1, 3, 4, 4]);
  expect(quantileOf([], 0.5)).toBeNaN();
});
