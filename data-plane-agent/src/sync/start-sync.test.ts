import { copyFileSync, cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatAgentToken, heartbeatRequestSchema, PROTOCOL_VERSION, sha256 } from '@bonito/protocol';
import { Agent } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { testId, testOrganization, testSections } from '../gateway/snapshot/compile-test-sections.ts';
import type { SentRequest } from './sent-request.ts';
import { type SyncOptions, startSync } from './start-sync.ts';
import type { SyncEvent } from './sync-events.ts';
import { createTestSigner, startTestControlPlane } from './test-control-plane.ts';
import { systemTimers } from './timers.ts';

const signer = await createTestSigner();
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A source that holds one key, or none. */
function testCredentials(secret: string | undefined): SyncOptions['credentials'] {
  return {
    read: () => (secret === undefined ? undefined : { type: 'secret', value: secret }),
    refused: () => {},
    problem: () => (secret === undefined ? 'not_configured' : undefined),
    verify: async () => (secret === undefined ? 'not_configured' : undefined),
  };
}

function revision(number: number) {
  const keys = [{ sha256: sha256(`bn-${number}`), key_id: testId(4, number), restrictions: [] }];
  return testSections(testOrganization({ keys }));
}

async function plane() {
  const started = await startTestControlPlane(signer);
  cleanups.push(() => started.stop());
  return started;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'bonito-sync-'));
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function start(address: string, changes: Partial<SyncOptions> = {}) {
  const dispatcher = new Agent();
  const sent: SentRequest[] = [];
  const events: SyncEvent[] = [];
  const watchers = new Set<() => void>();
  const sync = await startSync({
    source: { from: 'control-plane', address, dispatcher },
    readToken: async () => signer.token(),
    stateFolder: folder(),
    instance: testId(7, 0),
    agentVersion: '0.1.0',
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    random: { id: () => testId(8, 0), fraction: () => 0 },
    credentials: testCredentials(undefined),
    connections: { dispatcher: () => dispatcher },
    numbers: {
      spool: () => ({ bytes: 0, records: 0, oldest_at: null, collapsed: 0 }),
      requests: () => ({ total: 0, errors: 0, in_flight: 0 }),
      providers: () => [],
    },
    outbox: { note: (request) => sent.push(request) },
    record: () => {},
    flush: () => {},
    events(event) {
      events.push(event);
      for (const watch of watchers) watch();
    },
    // Pauses are shortened, time limits are not.
    timers: { after: (wait, run) => systemTimers.after(wait < 10_000 ? wait / 100 : wait, run) },
    ...changes,
  });
  cleanups.push(async () => {
    await sync.stop();
    await dispatcher.destroy();
  });
  const when = (type: SyncEvent['type']) =>
    new Promise<SyncEvent>((resolve) => {
      const look = () => {
        const index = events.findIndex((event) => event.type === type);
        const found = events[index];
        if (!found) return;
        watchers.delete(look);
        events.splice(index, 1);
        resolve(found);
      };
      watchers.add(look);
      look();
    });
  return { sync, sent, events, when };
}

describe('an agent with a control plane', () => {
  it('serves what is published, tells so, and gets a new revision as soon as there is one', async () => {
    const control = await plane();
    await control.publish({ epoch: 1, revision: 1 }, revision(1));
    const { sync, sent, when } = await start(`${control.address}/`);
    await when('applied');
    expect(sync.config.snapshot?.principal(sha256('bn-1'))).toBeDefined();
    const told = control.next(
      ({ path, body }) => path.endsWith('/heartbeat') && body.includes('"revision":2'),
    );
    await control.publish({ epoch: 1, revision: 2 }, revision(2));
    await when('applied');
    expect(sync.config.snapshot?.principal(sha256('bn-1'))).toBeUndefined();
    const report = heartbeatRequestSchema.parse(JSON.parse((await told).body));
    expect(report).toMatchObject({ applied: { epoch: 1, revision: 2 }, rejected: null });
    expect((await told).headers).toMatchObject({
      'bonito-protocol': String(PROTOCOL_VERSION),
      'bonito-instance': testId(7, 0),
    });
    expect(sync.status()).toMatchObject({
      applied: { epoch: 1, revision: 2 },
      rejected: null,
      tokenGeneration: 0,
    });
    expect(sync.status().clockSkew).toBeTypeOf('number');
    expect(JSON.stringify(sent)).not.toContain(signer.token());
    expect(sent.map((request) => `${request.method} ${request.path}`)).toContain('GET /api/agent/config');
  });

  it('promise 5: starts and serves from its disk with no control plane at all, and keeps its files to itself', async () => {
    const control = await plane();
    await control.publish({ epoch: 1, revision: 3 }, revision(3));
    const stateFolder = folder();
    const first = await start(control.address, { stateFolder });
    await first.when('applied');
    await first.sync.stop();
    await control.stop();
    const second = await start(control.address, { stateFolder });
    expect(second.sync.config.snapshot?.principal(sha256('bn-3'))).toBeDefined();
    expect(second.events[0]).toMatchObject({ type: 'applied', from: 'store' });
    expect((await second.when('unreachable')).type).toBe('unreachable');
    expect(statSync(join(stateFolder, 'config')).mode & 0o777).toBe(0o700);
    expect(statSync(join(stateFolder, 'config', 'manifest.jws')).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(stateFolder, 'config')).sort()).toEqual([
      'floor.json',
      'manifest.jws',
      'sections',
    ]);
    expect(readdirSync(join(stateFolder, 'config', 'sections'))).toHaveLength(5);
  });

  it('changes to the successor of its token and uses no other from then on', async () => {
    const control = await plane();
    const next = signer.token(2);
    control.tokens.add(next);
    control.heartbeatAnswers.push({ notices: [], successor: { token: next, generation: 1 }, commands: [] });
    const { sync, when } = await start(control.address);
    await when('token_rotated');
    expect(sync.status().tokenGeneration).toBe(1);
    control.tokens.delete(signer.token());
    const asked = control.next(({ headers }) => headers.authorization === `Bearer ${next}`);
    expect(await sync.client?.post('/api/agent/ingest', Buffer.from('{}'), {})).toMatchObject({
      status: 200,
    });
    await asked;
  });

  it('reads its token again when that is refused', async () => {
    const control = await plane();
    await control.publish({ epoch: 1, revision: 1 }, revision(1));
    const tokens = [formatAgentToken(signer.trust, Buffer.alloc(32, 9)), signer.token()];
    const { when } = await start(control.address, {
      readToken: async () => tokens.shift() ?? signer.token(),
    });
    expect(await when('applied')).toMatchObject({ version: { epoch: 1, revision: 1 } });
  });

  it('is told by nothing but answers that accept its token how long it has been offline', async () => {
    const control = await plane();
    control.tokens.clear();
    let monotonic = 0;
    const { sync, when } = await start(control.address, {
      clock: { now: () => Date.now(), monotonic: () => monotonic },
    });
    monotonic = 5_000;
    expect(await when('unreachable')).toMatchObject({ error: { code: 'unauthorized', status: 401 } });
    expect(sync.config.offlineSeconds()).toBe(5);
    control.tokens.add(signer.token());
    await sync.client?.post('/api/agent/ingest', Buffer.from('{}'), {});
    expect(sync.config.offlineSeconds()).toBe(0);
  });

  it.each([
    ['a redirect', 302, 'answer_malformed'],
    ['a proxy that wants a sign-in', 403, 'unauthorized'],
    ['another server', 404, 'not_found'],
    ['an error', 503, 'unavailable'],
    ['a refusal', 400, 'refused'],
  ])('takes %s for what it is', async (_, status, code) => {
    const control = await plane();
    control.intercept = (request, response) => {
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('<html>');
      return request.method !== '';
    };
    const { when } = await start(control.address);
    expect(await when('unreachable')).toMatchObject({ error: { code, status } });
  });

  it('reads no more of an answer than it may be long, compressed or not', async () => {
    const control = await plane();
    const sections = revision(1);
    await control.publish(
      { epoch: 1, revision: 1 },
      sections.map((section) => ({ ...section, bytes: Math.min(section.bytes, 10) })),
    );
    const { when } = await start(control.address);
    expect(await when('rejected')).toMatchObject({ rejection: { code: 'section_digest_mismatch' } });
  });
});

describe('commands', () => {
  const command = (type: string) => ({ id: testId(6, 1), type, provider_id: testId(1, 0) });

  async function run(type: string, status: number, secret: string | undefined, answer = '{"data":[]}') {
    const control = await plane();
    const provider = { ...testOrganization().providers[0], base_url: `${control.address}/v1` } as never;
    await control.publish(
      { epoch: 1, revision: 1 },
      testSections(testOrganization({ providers: [provider] })),
    );
    control.intercept = (request, response) => {
      if (request.path !== '/v1/models') return false;
      response.writeHead(status).end(answer);
      return true;
    };
    const records: unknown[] = [];
    let flushes = 0;
    const agent = await start(control.address, {
      credentials: testCredentials(secret),
      record: (record) => records.push(record),
      flush: () => {
        flushes += 1;
      },
    });
    await agent.when('applied');
    control.heartbeatAnswers.push({ notices: [], successor: null, commands: [command(type)] });
    const answered = control.next(({ body }) => body.includes(testId(6, 1)));
    agent.sync.beat();
    const report = heartbeatRequestSchema.parse(JSON.parse((await answered).body));
    const asked = control.seen.find(({ path }) => path === '/v1/models');
    return { answer: report.answers[0], records, flushes, asked };
  }

  it('to validate a provider asks it with its credential', async () => {
    const { answer, asked } = await run('validate_provider', 200, 'sk-1');
    expect(answer).toEqual({ id: testId(6, 1), result: 'done' });
    expect(asked?.headers.authorization).toBe('Bearer sk-1');
  });

  it.each([
    [401, 'sk-1', 'authentication_failed', 'refused'],
    [500, 'sk-1', 'provider_error', 'model_list_refused'],
    [200, undefined, 'credential_unavailable', 'not_configured'],
  ])('that fail with %s and %s say %s', async (status, secret, error_code, reason) => {
    expect((await run('validate_provider', status, secret)).answer).toMatchObject({
      result: 'failed',
      error_code,
      reason,
    });
  });

  it('to discover models record their names, and leave out what is no name', async () => {
    const list = JSON.stringify({ data: [{ id: 'gpt-4o' }, { id: 'gpt-4o' }, { id: 'no name at all' }] });
    const { answer, records } = await run('discover_models', 200, 'sk-1', list);
    expect(answer?.result).toBe('done');
    expect(records).toMatchObject([
      { kind: 'models_discovered', provider_id: testId(1, 0), models: ['gpt-4o'] },
    ]);
  });

  it('to report all flush the spool, and unknown ones are unsupported', async () => {
    expect(await run('report_all', 200, 'sk-1')).toMatchObject({ flushes: 1, answer: { result: 'done' } });
    expect((await run('self_destruct', 200, 'sk-1')).answer?.result).toBe('unsupported');
  });
});

describe('an agent with an exported folder', () => {
  it('serves it as if it came over the network, checks included', async () => {
    const control = await plane();
    await control.publish({ epoch: 1, revision: 5 }, revision(5));
    const stateFolder = folder();
    const exporter = await start(control.address, { stateFolder });
    await exporter.when('applied');
    await exporter.sync.stop();
    const path = folder();
    cpSync(join(stateFolder, 'config', 'sections'), join(path, 'sections'), { recursive: true });
    copyFileSync(join(stateFolder, 'config', 'manifest.jws'), join(path, 'manifest.jws'));
    const { sync, sent, when } = await start('', { source: { from: 'folder', path } });
    await when('applied');
    expect(sync.config.snapshot?.principal(sha256('bn-5'))).toBeDefined();
    expect(sync.client).toBeUndefined();
    expect(sent).toEqual([]);
    const stranger = (await createTestSigner({ root: 'stranger' })).token();
    const other = await start('', { source: { from: 'folder', path }, readToken: async () => stranger });
    expect(await other.when('rejected')).toMatchObject({ rejection: { code: 'signing_key_untrusted' } });
    expect(other.sync.config.snapshot).toBeUndefined();
  });
});
