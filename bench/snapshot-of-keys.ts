/**
 * A snapshot of many keys: how long the built agent takes to start from a stored one, and what applying one does to the slowest
 * requests. `taskset -c 1 node bench/snapshot-of-keys.ts [keys]`; build the agent first. The agent has CPU 0 to itself.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { zstdCompressSync } from 'node:zlib';
import { type KeyEntry, keysSectionName, newId, sha256, shardCount, shardOf } from '@bonito/protocol';
import {
  createTestSigner,
  startTestControlPlane,
  type TestControlPlane,
} from '../data-plane-agent/src/sync/test-control-plane.ts';
import { loadCpu, serverCpu, startPinned, stopAll, untilListening } from './peer-process.ts';
import { mockPort, peerTargets, type Target, workFolder } from './peer-targets.ts';
import { mockProgram, preparePeers } from './prepare-peers.ts';
import { prepareSteadyLoad, runSteadyLoad } from './run-steady-load.ts';
import { runWrk } from './run-wrk.ts';

const [keys = 100_000] = process.argv.slice(2).map(Number);
const port = 8000;
const starts = 5;
const rounds = 12;
/** A snapshot is applied within the first of them. */
const secondsPerRound = 2;
const connections = 64;
/** Of the requests that the agent answers when it is asked for all that it can. */
const steadyShare = 0.3;
const longestStart = 30_000;

interface Section {
  name: string;
  digest: string;
  bytes: number;
  content: Buffer;
}

/** What is served, by digest, compressed: a control plane has it so after the first agent asked. */
const contents = new Map<string, Buffer>();
const provider = { id: newId(), deployment: newId() };

/** All sections; a new `marker` changes every shard of keys. */
function sections(secret: string, marker: string): Section[] {
  const entries: KeyEntry[] = Array.from({ length: keys }, (_, index) => ({
    sha256: index === 0 ? sha256(secret) : sha256(`${marker} ${index}`),
    key_id: newId(),
    restrictions: [],
  }));
  const shards = Array.from({ length: shardCount(entries.length) }, (): KeyEntry[] => []);
  for (const entry of entries) shards[shardOf(entry.sha256, shards.length)]?.push(entry);
  return [
    section('settings', { restrictions: [] }),
    section('providers', {
      providers: [
        {
          id: provider.id,
          name: 'mock',
          kind: 'openai-compatible',
          base_url: `http://127.0.0.1:${mockPort}/v1`,
          credential: { from: 'none' },
          restrictions: [],
        },
      ],
    }),
    section('deployments', {
      deployments: [
        {
          id: provider.deployment,
          name: 'm',
          provider_id: provider.id,
          upstream_model: 'm',
          family: 'mock',
          price: { revision: '1', per_million: {} },
          restrictions: [],
        },
      ],
    }),
    section('routes', { routes: [] }),
    ...shards.map((shard, index) => section(keysSectionName(index, shards.length), { keys: shard })),
  ];
}

function section(name: string, value: unknown): Section {
  const content = Buffer.from(JSON.stringify(value));
  const digest = sha256(content);
  contents.set(digest, zstdCompressSync(content));
  return { name, digest, bytes: content.length, content };
}

/** Milliseconds from the start of the process until it is ready. */
async function untilReady(startedAt: number): Promise<number> {
  while (performance.now() - startedAt < longestStart) {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    if (answer?.status === 200) return performance.now() - startedAt;
    await wait(5);
  }
  throw new Error(`the agent is not ready after ${longestStart} ms; see bench/work/keys-agent.log`);
}

const middle = (values: readonly number[]) =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;

async function measure(): Promise<void> {
  mkdirSync(workFolder, { recursive: true });
  preparePeers(new Set(), () => {});
  prepareSteadyLoad();
  const folder = mkdtempSync(join(tmpdir(), 'bonito-bench-keys-'));
  const secret = `bn-${randomBytes(32).toString('base64url')}`;
  const signer = await createTestSigner();
  const plane = await startTestControlPlane(signer);
  plane.intercept = ({ path }, response) => {
    const content = contents.get(path.slice(path.lastIndexOf('/') + 1));
    if (content) response.writeHead(200, { 'content-encoding': 'zstd' }).end(content);
    return content !== undefined;
  };
  await plane.publish({ epoch: 1, revision: 1 }, sections(secret, 'first'));
  const environment = {
    BONITO_CONTROL_PLANE: plane.address,
    BONITO_ORG_TOKEN: signer.token(),
    BONITO_STATE_DIR: folder,
    BONITO_LISTEN: `127.0.0.1:${port}`,
    BONITO_ADMIN_LISTEN: '127.0.0.1:8001',
  };
  const command = [process.execPath, 'data-plane-agent/dist/main.js'];
  const start = () => {
    const startedAt = performance.now();
    const pid = startPinned('keys-agent', serverCpu, command, environment);
    return { pid, ready: untilReady(startedAt) };
  };
  try {
    const first = start();
    await first.ready;
    const applying = await measureApplying(secret, plane);
    process.kill(first.pid, 'SIGTERM');
    await wait(3_000);
    await plane.stop();
    const times: number[] = [];
    for (let round = 0; round < starts; round++) {
      const { pid, ready } = start();
      times.push(await ready);
      process.kill(pid, 'SIGTERM');
      await wait(2_000);
    }
    print(applying, times);
  } finally {
    await stopAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** 99th percentiles of rounds in microseconds: one without, then one while a new snapshot is applied, and so on. */
interface Slowest {
  quiet: number[];
  applying: number[];
}

interface Applying {
  /** As many requests as 64 connections can carry: the agent and what loads it are busy all the time. */
  full: Slowest;
  /** A share of those requests, each sent when it is due. */
  steady: Slowest;
  steadyRate: number;
}

async function measureApplying(secret: string, plane: TestControlPlane): Promise<Applying> {
  startPinned('mock', loadCpu, [mockProgram, String(mockPort)]);
  await untilListening('mock', mockPort);
  const [, ours] = peerTargets(new Set(['ours']));
  if (!ours) throw new Error('the bench has no target of our own');
  const target: Target = { ...ours, headers: { authorization: `Bearer ${secret}` } };
  const { requestsPerSecond } = await runWrk(target, 'm', false, connections, 3);
  const steadyRate = Math.round(requestsPerSecond * steadyShare);
  // Made now and without their content, so that no collection of this process falls into a round.
  const next = Array.from({ length: 2 * rounds }, (_, round) =>
    sections(secret, `round ${round}`).map((one) => ({ ...one, content: Buffer.alloc(0) })),
  );
  let revision = 1;
  const apply = () => plane.publish({ epoch: 1, revision: ++revision }, next.pop() ?? []);
  const full = await inTurn(() => runWrk(target, 'm', false, connections, secondsPerRound), apply);
  const steady = await inTurn(
    () => runSteadyLoad(target, 'm', steadyRate, secondsPerRound, connections),
    apply,
  );
  return { full, steady, steadyRate };
}

/** Runs a load without and with a new snapshot applied, in turn. */
async function inTurn(
  load: () => Promise<{ failed: number; p99: number }>,
  apply: () => Promise<void>,
): Promise<Slowest> {
  const slowest: Slowest = { quiet: [], applying: [] };
  for (let round = 0; round < rounds; round++) {
    collectGarbage();
    await wait(300);
    const quiet = await load();
    const loaded = load();
    await wait(100);
    await apply();
    const applying = await loaded;
    if (quiet.failed + applying.failed > 0)
      throw new Error('the agent answers badly; see bench/work/keys-agent.log');
    slowest.quiet.push(quiet.p99);
    slowest.applying.push(applying.p99);
  }
  return slowest;
}

/** Of this process, which shares its CPU with the load. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function print({ full, steady, steadyRate }: Applying, times: readonly number[]): void {
  const ready = { median: Math.round(middle(times)), worst: Math.round(Math.max(...times)) };
  console.log(
    JSON.stringify(
      {
        keys,
        ready_ms: { ...ready, must: 1_000, aim: 400 },
        p99_at_full_load: describe(full),
        [`p99_at_${steadyRate}_requests_per_second`]: describe(steady),
      },
      null,
      1,
    ),
  );
}

function describe({ quiet, applying }: Slowest) {
  const ratios = applying.map((value, index) => value / (quiet[index] ?? Number.NaN));
  const rounded = (values: readonly number[]) => values.map((value) => Number(value.toFixed(2))).join(' ');
  return {
    microseconds_without: Math.round(middle(quiet)),
    microseconds_while_applying: Math.round(middle(applying)),
    ratio: Number(middle(ratios).toFixed(2)),
    must: 1.5,
    aim: 1.1,
    ratios: rounded(ratios.toSorted((left, right) => left - right)),
    slowest_while_applying: rounded(applying.toSorted((left, right) => right - left).slice(0, 3)),
  };
}

await measure();
