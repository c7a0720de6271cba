import { gunzipSync, gzipSync, zstdDecompressSync } from 'node:zlib';
import {
  type HeartbeatAnswer,
  heartbeatAnswerSchema,
  keysSectionSchema,
  newId,
  PROTOCOL_VERSION,
  parseSection,
  sectionKind,
  sha256,
  type VerifiedManifest,
  verifyManifest,
} from '@bonito/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAgentToken } from '../../services/agent-tokens/create.ts';
import { deleteAgentToken } from '../../services/agent-tokens/delete.ts';
import { rotateAgentToken } from '../../services/agent-tokens/rotate.ts';
import { createAgentCommand, getAgentCommand } from '../../services/fleet/agent-commands.ts';
import { listAgents } from '../../services/fleet/list-agents.ts';
import { createKey } from '../../services/keys/create.ts';
import { createKeySchema } from '../../services/keys/keys.schemas.ts';
import { describeOnEachDatabase } from '../../testing/each-database.ts';
import { configureSample } from '../../testing/sample-organization.ts';
import { startTestReplica, type TestAgent, type TestReplica } from '../../testing/test-replica.ts';
import { readWait } from './get-config.ts';
import { chooseCoding } from './get-section.ts';

const START = Date.parse('2026-11-21T08:00:00.000Z');

function beat(changes: Record<string, unknown> = {}) {
  return {
    agent_version: '0.1.0',
    started_at: '2026-11-21T07:00:00.000Z',
    protocol: PROTOCOL_VERSION,
    applied: { epoch: 1, revision: 2 },
    rejected: null,
    spool: { bytes: 0, records: 0, oldest_at: null, collapsed: 0 },
    requests: { total: 5, errors: 1, in_flight: 0 },
    providers: [],
    answers: [],
    ...changes,
  };
}

describeOnEachDatabase('the agent endpoints', (suite) => {
  let replica: TestReplica;
  let now = START;
  beforeAll(async () => {
    replica = await startTestReplica(suite.open, { now: () => now });
  });
  afterAll(() => replica.stop());

  async function fetchManifest(agent: TestAgent): Promise<VerifiedManifest & { tag: string }> {
    const answer = await replica.get(agent, '/config');
    expect(answer.status).toBe(200);
    const verified = await verifyManifest(await answer.text(), {
      organization: agent.organizationId,
      rootFingerprint: replica.keys.rootFingerprint,
      protocol: 1,
    });
    return { ...verified, tag: answer.headers.get('etag') ?? '' };
  }

  it('serve a signed manifest whose sections have the bytes that it promises', async () => {
    const agent = await replica.newAgent();
    const { key, provider } = await configureSample(replica.context(agent.organizationId));
    const { manifest } = await fetchManifest(agent);
    expect(manifest.sections.map(({ name }) => name)).toEqual([
      'deployments',
      'keys/0-of-1',
      'providers',
      'routes',
      'settings',
    ]);
    const parsed = new Map<string, unknown>();
    for (const section of manifest.sections) {
      const answer = await replica.get(agent, `/config/sections/${section.digest}`);
      expect(answer.headers.get('cache-control')).toContain('immutable');
      const bytes = new Uint8Array(await answer.arrayBuffer());
      expect([sha256(bytes), bytes.length]).toEqual([section.digest, section.bytes]);
      const kind = sectionKind(section.name);
      if (kind) parsed.set(kind, parseSection(kind, section.name, bytes));
    }
    expect(parsed.get('keys')).toEqual({
      keys: [{ sha256: sha256(key.key), key_id: key.id, restrictions: [] }],
    });
    expect(parsed.get('providers')).toMatchObject({ providers: [{ id: provider.id, name: 'upstream' }] });
    const view = await replica.get(agent, '/keys');
    expect(await view.json()).toEqual(parsed.get('keys'));
  });

  it('compress large sections for those who take it', async () => {
    const agent = await replica.newAgent();
    const context = replica.context(agent.organizationId);
    for (let index = 0; index < 20; index++)
      await createKey(context, createKeySchema.parse({ name: `key ${index}` }));
    const { manifest } = await fetchManifest(agent);
    const shard = manifest.sections.find(({ name }) => sectionKind(name) === 'keys');
    const path = `/config/sections/${shard?.digest}`;
    for (const [coding, decompress] of [
      ['gzip', gunzipSync],
      ['zstd', zstdDecompressSync],
    ] as const) {
      const answer = await replica.get(agent, path, { 'accept-encoding': coding });
      expect(answer.headers.get('content-encoding')).toBe(coding);
      expect(sha256(decompress(new Uint8Array(await answer.arrayBuffer())))).toBe(shard?.digest);
    }
    const keys = keysSectionSchema.parse(await (await replica.get(agent, '/keys')).json());
    expect(keys.keys).toHaveLength(20);
  });

  it('answer 304 to the current version, 200 to any other, and carry the protocol headers', async () => {
    const agent = await replica.newAgent();
    const { tag } = await fetchManifest(agent);
    const same = await replica.get(agent, '/config', { 'if-none-match': tag });
    expect(same.status).toBe(304);
    expect(same.headers.get('bonito-protocol')).toBe('1');
    expect(same.headers.get('bonito-time')).toBe(new Date(now).toISOString());
    expect(same.headers.get('vary')).toContain('bonito-protocol');
    expect((await replica.get(agent, '/config', { 'if-none-match': '"9.9"' })).status).toBe(200);
  });

  it('never serve a section to another organization', async () => {
    const [one, two] = [await replica.newAgent(), await replica.newAgent()];
    await configureSample(replica.context(one.organizationId));
    const { manifest } = await fetchManifest(one);
    for (const { name, digest } of manifest.sections.filter((section) => section.name !== 'settings')) {
      const own = await replica.get(one, `/config/sections/${digest}`);
      const foreign = await replica.get(two, `/config/sections/${digest}`);
      expect([name, own.status]).toEqual([name, 200]);
      if (name !== 'routes') expect([name, foreign.status]).toEqual([name, 404]);
    }
    expect((await replica.get(two, '/config/sections/nonsense')).status).toBe(404);
  });

  it('answer a waiting agent as soon as something changes, and 304 when the wait is over', async () => {
    const agent = await replica.newAgent();
    const { tag } = await fetchManifest(agent);
    const waiting = replica.get(agent, '/config', { 'if-none-match': tag, prefer: 'wait=50' });
    await until(() => replica.running.plane.hub.waiting() > 0);
    await createKey(replica.context(agent.organizationId), createKeySchema.parse({ name: 'new' }));
    const answer = await waiting;
    expect([answer.status, answer.headers.get('preference-applied')]).toEqual([200, 'wait=50']);
    const quiet = await replica.get(agent, '/config', {
      'if-none-match': answer.headers.get('etag') ?? '',
      prefer: 'wait=1',
    });
    expect(quiet.status).toBe(304);
    expect(replica.running.plane.hub.waiting()).toBe(0);
  });

  it('let go of an agent that hangs up', async () => {
    const agent = await replica.newAgent();
    const { tag } = await fetchManifest(agent);
    const hangUp = new AbortController();
    const waiting = replica.get(agent, '/config', { 'if-none-match': tag, prefer: 'wait=50' }, hangUp.signal);
    await until(() => replica.running.plane.hub.waiting() > 0);
    hangUp.abort();
    await waiting;
    expect(replica.running.plane.hub.waiting()).toBe(0);
  });

  it('let go of an agent whose connection breaks, and answer those who wait when it stops', async () => {
    const stopping = await startTestReplica(suite.open, { keys: replica.keys });
    const { hub } = stopping.running.plane;
    const { port, close } = await stopping.listen();
    const agent = await stopping.newAgent();
    const { tag } = await fetchManifest(agent);
    const headers = { ...stopping.headersOf(agent), 'if-none-match': tag, prefer: 'wait=50' };
    const wait = (signal?: AbortSignal) =>
      fetch(`http://127.0.0.1:${port}/config`, { headers, ...(signal && { signal }) });
    const breaks = new AbortController();
    const broken = expect(wait(breaks.signal)).rejects.toThrow();
    const stays = wait();
    await until(() => hub.waiting() === 2);
    breaks.abort();
    await broken;
    await until(() => hub.waiting() === 1);
    await stopping.stop();
    expect((await stays).status).toBe(304);
    close();
  });

  it('refuse tokens that are absent, unknown or revoked, also in the middle of a wait', async () => {
    const agent = await replica.newAgent();
    const { tag } = await fetchManifest(agent);
    const other = await createAgentToken(replica.context((await replica.newAgent()).organizationId), {
      name: 'x',
    });
    for (const token of ['', 'bt-short', other.token.slice(0, -4)]) {
      const answer = await replica.get({ ...agent, token }, '/config');
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ code: 'agent_token_invalid', status: 401 });
    }
    const waiting = replica.get(agent, '/config', { 'if-none-match': tag, prefer: 'wait=50' });
    await until(() => replica.running.plane.hub.waiting() > 0);
    await deleteAgentToken(replica.context(agent.organizationId), agent.tokenId);
    expect((await waiting).status).toBe(401);
    expect((await replica.get(agent, '/config')).status).toBe(401);
  });

  it('refuse unsupported protocols and processes without a name', async () => {
    const agent = await replica.newAgent();
    for (const version of ['0', 'x', '1.5']) {
      const answer = await replica.get(agent, '/config', { 'bonito-protocol': version });
      expect([answer.status, await answer.json()]).toEqual([
        400,
        expect.objectContaining({ code: 'protocol_unsupported' }),
      ]);
    }
    const newer = await replica.get(agent, '/config', { 'bonito-protocol': '7' });
    expect([newer.status, newer.headers.get('bonito-protocol')]).toEqual([200, String(PROTOCOL_VERSION)]);
    expect((await replica.get(agent, '/config', { 'bonito-instance': 'me' })).status).toBe(400);
    expect((await replica.post(agent, '/leases', { actions: [] })).status).toBe(404);
  });

  it('keep heartbeats, and show the fleet with its states', async () => {
    now = START;
    const agent = await replica.newAgent();
    const rejected = {
      epoch: 1,
      revision: 3,
      code: 'section_malformed',
      section: 'keys/0-of-1',
      at: '2026-11-21T07:59:00.000Z',
    };
    const answer = await replica.post(agent, '/heartbeat', beat({ rejected }));
    expect(await answer.json()).toEqual({ notices: [], successor: null, commands: [] });
    const context = replica.context(agent.organizationId);
    const state = async () => (await listAgents(context, { limit: 50 })).data[0];
    expect(await state()).toMatchObject({
      instance: agent.instance,
      status: 'online',
      version: '0.1.0',
      applied: { epoch: 1, revision: 2 },
      rejected,
    });
    now += 3 * 60_000;
    expect(await state()).toMatchObject({ status: 'delayed' });
    now += 3 * 60_000;
    expect(await state()).toMatchObject({ status: 'offline' });
    await replica.post(agent, '/heartbeat', beat());
    expect(await state()).toMatchObject({ status: 'online', rejected: null });
    now = START;
  });

  it('hold text that no database column can hold', async () => {
    const agent = await replica.newAgent();
    const rejected = { code: 'fetch_failed', path: 'a\u0000b\ud800', at: '2026-11-21T07:59:00.000Z' };
    expect((await replica.post(agent, '/heartbeat', beat({ rejected }))).status).toBe(200);
  });

  it('offer a rotated token until it is used, and take both meanwhile', async () => {
    const agent = await replica.newAgent();
    const context = replica.context(agent.organizationId);
    const { token } = await rotateAgentToken(context, agent.tokenId);
    const offered = await answerOf(replica.post(agent, '/heartbeat', beat()));
    expect(offered.successor).toEqual({ token, generation: 2 });
    const proved = await replica.post({ ...agent, token }, '/heartbeat', beat());
    expect([proved.status, heartbeatAnswerSchema.parse(await proved.json()).successor]).toEqual([200, null]);
    expect((await replica.get(agent, '/config')).status).toBe(200);
    const [row] = (await listAgents(context, { limit: 1 })).data;
    expect(row?.token_generation).toBe(2);
  });

  it('hand commands over, ask a waiting agent for a heartbeat, and keep the answers', async () => {
    const agent = await replica.newAgent();
    const context = replica.context(agent.organizationId);
    const { provider } = await configureSample(context);
    await replica.post(agent, '/heartbeat', beat());
    const { tag } = await fetchManifest(agent);
    const waiting = replica.get(agent, '/config', { 'if-none-match': tag, prefer: 'wait=50' });
    await until(() => replica.running.plane.hub.waiting() > 0);
    const command = await createAgentCommand(context, {
      instance: agent.instance,
      command: { type: 'validate_provider', provider_id: provider.id },
    });
    const woken = await waiting;
    expect([woken.status, woken.headers.get('bonito-beat')]).toEqual([304, 'now']);
    const delivered = await answerOf(replica.post(agent, '/heartbeat', beat()));
    expect(delivered.commands).toEqual([
      { id: command.id, type: 'validate_provider', provider_id: provider.id },
    ]);
    const again = await answerOf(replica.post(agent, '/heartbeat', beat()));
    expect(again.commands).toEqual([]);
    const answers = [{ id: command.id, result: 'failed', error_code: 'authentication_failed' }];
    await replica.post(agent, '/heartbeat', beat({ answers }));
    expect(await getAgentCommand(context, { instance: agent.instance, id: command.id })).toMatchObject(
      answers[0] ?? {},
    );
  });

  it('ask for a heartbeat again for a command that came right after another one', async () => {
    const agent = await replica.newAgent();
    const context = replica.context(agent.organizationId);
    await replica.post(agent, '/heartbeat', beat());
    const { tag } = await fetchManifest(agent);
    const asked = async () => {
      const answer = await replica.get(agent, '/config', { 'if-none-match': tag, prefer: 'wait=50' });
      return [answer.status, answer.headers.get('bonito-beat')];
    };
    for (const _ of ['first', 'second']) {
      await createAgentCommand(context, { instance: agent.instance, command: { type: 'report_all' } });
      expect(await asked()).toEqual([304, 'now']);
    }
  });

  it('refuse malformed and oversized bodies', async () => {
    const agent = await replica.newAgent();
    expect((await replica.post(agent, '/heartbeat', { hello: 1 })).status).toBe(400);
    const bomb = { stream: newId(), first_sequence: 0, records: [' '.repeat(17 * 1024 * 1024)] };
    expect(gzipSync(JSON.stringify(bomb)).length).toBeLessThan(100_000);
    const answer = await replica.post(agent, '/ingest', bomb);
    expect([answer.status, await answer.json()]).toEqual([
      413,
      expect.objectContaining({ code: 'body_too_large' }),
    ]);
    expect((await replica.post(agent, '/ingest', { stream: 'x' })).status).toBe(400);
  });
});

it('reads Prefer as RFC 7240 writes it', () => {
  expect(
    ['wait=10', 'respond-async, wait=20', 'wait="30"; x', 'wait=9999', 'waiter=3', ''].map(readWait),
  ).toEqual([10, 20, 30, 55, 0, 0]);
});

it('reads Accept-Encoding', () => {
  const headers = ['gzip', 'br, x-gzip;q=0.5', 'gzip;q=0', 'gzip, zstd;q=0.1', 'zstd;q=0, gzip', 'br', '*'];
  expect(headers.map(chooseCoding)).toEqual([
    'gzip',
    'gzip',
    undefined,
    'zstd',
    'gzip',
    undefined,
    undefined,
  ]);
});

async function answerOf(response: Promise<Response>): Promise<HeartbeatAnswer> {
  return heartbeatAnswerSchema.parse(await (await response).json());
}

/** Waits for something that another turn of the loop brings about. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
