import { readPacedStreams } from './paced-streams.ts';
import { MESSAGES } from './peer-request.ts';
import type { Target, TargetName } from './peer-targets.ts';
import { cpuMicroseconds, residentMegabytes } from './process-cost.ts';
import { runWrk } from './run-wrk.ts';

/** A started target; the mock itself has no process that counts. */
export interface RunningTarget extends Target {
  pid: number | undefined;
}

/** One round's figures of one target. Times and CPU are in microseconds. */
export interface Round {
  requestsPerSecond: number;
  cpuPerRequest: number;
  p50At64: number;
  p99At64: number;
  p50At1: number;
  firstEvents: number[];
  cpuPerPacedEvent: number;
  cpuPerFloodEvent: number;
  floodEventsPerSecond: number;
  /** Ours alone: the same events, asked for in Anthropic's API. Undefined for the rest. */
  cpuPerTranslatedPacedEvent: number | undefined;
  cpuPerTranslatedFloodEvent: number | undefined;
  failed: number;
}

/** All figures of one target. Memory is in MB. */
export interface Measures {
  rounds: Round[];
  idleMegabytes: number;
  loadedMegabytes: number;
}

export type MeasuresByTarget = Partial<Record<TargetName, Measures>>;

export interface MeasureOptions {
  rounds: number;
  secondsPerRun: number;
}

const manyConnections = 64;
const floodStreams = 32;
const eventsPerFloodStream = 200;

/**
 * Warms all targets up, then measures them in turn, round by round and in reversed order every other round, so that a
 * slow minute of the machine falls on all of them. Throws when a target answers badly.
 */
export async function measurePeers(
  targets: readonly RunningTarget[],
  { rounds, secondsPerRun }: MeasureOptions,
  say: (line: string) => void,
): Promise<MeasuresByTarget> {
  const measures: MeasuresByTarget = {};
  for (const target of targets) {
    measures[target.name] = { rounds: [], idleMegabytes: memoryOf(target), loadedMegabytes: 0 };
  }
  for (const target of targets) {
    say(`warming up ${target.name}`);
    await warmUp(target);
  }
  for (let round = 0; round < rounds; round++) {
    for (const target of round % 2 === 0 ? targets : targets.toReversed()) {
      say(`round ${round + 1} of ${rounds}: ${target.name}`);
      measures[target.name]?.rounds.push(await measureRound(target, secondsPerRun));
    }
  }
  for (const target of targets) {
    const measured = measures[target.name];
    if (measured) measured.loadedMegabytes = memoryOf(target);
  }
  return measures;
}

async function warmUp(target: Target): Promise<void> {
  await runWrk(target, 'm', false, manyConnections, 3);
  const whole = await runWrk(target, 'm', false, manyConnections, 1);
  const flood = await runWrk(target, 'm-200-0', true, floodStreams, 1);
  if (target.name === 'ours') await runWrk(target, 'm-200-0', true, floodStreams, 1, MESSAGES);
  if (whole.failed + flood.failed > 0 || whole.requests === 0 || flood.requests === 0) {
    throw new Error(
      `${target.name} answers badly: ${JSON.stringify({ whole, flood })}; see bench/work/${target.name}.log.`,
    );
  }
}

async function measureRound(target: RunningTarget, seconds: number): Promise<Round> {
  const one = await runWrk(target, 'm', false, 1, seconds);
  const many = await withCpu(target, () => runWrk(target, 'm', false, manyConnections, seconds));
  const paced = await withCpu(target, () => readPacedStreams(target));
  const flood = await withCpu(target, () => runWrk(target, 'm-200-0', true, floodStreams, seconds));
  const translated = target.name === 'ours' ? await measureTranslated(target, seconds) : undefined;
  return {
    requestsPerSecond: many.result.requestsPerSecond,
    cpuPerRequest: many.cpu / many.result.requests,
    p50At64: many.result.p50,
    p99At64: many.result.p99,
    p50At1: one.p50,
    firstEvents: paced.result.firstEvent,
    cpuPerPacedEvent: paced.cpu / paced.result.events,
    cpuPerFloodEvent: flood.cpu / (flood.result.requests * eventsPerFloodStream),
    floodEventsPerSecond: flood.result.requestsPerSecond * eventsPerFloodStream,
    cpuPerTranslatedPacedEvent: translated?.paced,
    cpuPerTranslatedFloodEvent: translated?.flood,
    failed:
      one.failed + many.result.failed + paced.result.failed + flood.result.failed + (translated?.failed ?? 0),
  };
}

async function measureTranslated(target: RunningTarget, seconds: number) {
  const paced = await withCpu(target, () => readPacedStreams(target, MESSAGES));
  const flood = await withCpu(target, () => runWrk(target, 'm-200-0', true, floodStreams, seconds, MESSAGES));
  return {
    paced: paced.cpu / paced.result.events,
    flood: flood.cpu / (flood.result.requests * eventsPerFloodStream),
    failed: paced.result.failed + flood.result.failed,
  };
}

async function withCpu<Result>(
  { pid }: RunningTarget,
  load: () => Promise<Result>,
): Promise<{ result: Result; cpu: number }> {
  const before = pid === undefined ? 0 : cpuMicroseconds(pid);
  const result = await load();
  return { result, cpu: pid === undefined ? 0 : cpuMicroseconds(pid) - before };
}

function memoryOf({ pid }: RunningTarget): number {
  return pid === undefined ? 0 : residentMegabytes(pid);
}
