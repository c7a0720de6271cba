import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConfigSource } from '../gateway/ports.ts';
import type { Snapshot } from '../gateway/snapshot/snapshot.ts';
import { registerAgentMetrics } from '../telemetry/agent-metrics.ts';
import { createGatewayMetrics } from '../telemetry/gateway-metrics.ts';
import { createLog } from '../telemetry/log.ts';
import { createAdminHandler } from './admin-handler.ts';
import { createSentRequests } from './outbox.ts';

const snapshot: Snapshot = {
  organization: 'o',
  version: { epoch: 2, revision: 7 },
  maxOfflineSeconds: Number.POSITIVE_INFINITY,
  denied: false,
  models: new Map(),
  providers: new Map(),
  principal: () => undefined,
  secretCount: 3,
  remembered: new Map(),
};

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function admin() {
  const state: { snapshot: Snapshot | undefined; stopping: boolean } = { snapshot, stopping: false };
  const config: ConfigSource = {
    get snapshot() {
      return state.snapshot;
    },
    offlineSeconds: () => 12,
  };
  const registry = new Registry();
  const outbox = createSentRequests(() => 0);
  const { totals } = createGatewayMetrics(registry);
  const spool = () => ({ bytes: 10, records: 2, oldestAt: 1_000, collapsed: 4 });
  registerAgentMetrics(registry, { version: '1.2.3', config, totals, spool, now: () => 61_000 });
  const handler = createAdminHandler({
    version: '1.2.3',
    instance: 'i',
    config,
    registry,
    outbox,
    log: createLog('silent').log,
    stopping: () => state.stopping,
  });
  const server = createServer(handler).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const get = (path: string, init?: RequestInit) =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, init);
  return { state, outbox, get };
}

describe('the admin port', () => {
  it('is live always, and ready with a configuration until the agent stops', async () => {
    const { state, get } = await admin();
    state.snapshot = undefined;
    expect((await get('/health/live')).status).toBe(200);
    expect((await get('/health/ready')).status).toBe(503);
    state.snapshot = snapshot;
    expect((await get('/health/ready')).status).toBe(200);
    state.stopping = true;
    expect((await get('/health/ready')).status).toBe(503);
    expect((await get('/health/live')).status).toBe(200);
  });

  it('shows metrics', async () => {
    const response = await (await admin()).get('/metrics');
    const text = await response.text();
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    for (const line of [
      'bonito_build_info{version="1.2.3"} 1',
      'bonito_config_epoch 2',
      'bonito_config_revision 7',
      'bonito_control_plane_offline_seconds 12',
      'bonito_spool_bytes 10',
      'bonito_spool_records 2',
      'bonito_spool_oldest_seconds 60',
      'bonito_spool_collapsed_records_total 4',
      'process_resident_memory_bytes',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('shows what is applied', async () => {
    expect(await (await (await admin()).get('/config')).json()).toMatchObject({
      applied: { epoch: 2, revision: 7, secrets: 3 },
    });
  });

  it('answers other paths and methods with what there is', async () => {
    const { get } = await admin();
    expect((await get('/nothing')).status).toBe(404);
    expect((await get('/outbox', { method: 'DELETE' })).status).toBe(405);
    expect((await get('/metrics?name=x')).status).toBe(200);
  });

  it('shows what was sent, decompressed, the newest first', async () => {
    const { outbox, get } = await admin();
    outbox.note({
      method: 'GET',
      path: '/api/agent/config',
      headers: { authorization: 'Bearer bt-***abcd' },
      body: null,
    });
    const body = gzipSync('{"records":[]}');
    outbox.note({ method: 'POST', path: '/api/agent/ingest', headers: { 'content-encoding': 'gzip' }, body });
    expect(await (await get('/outbox')).json()).toEqual({
      requests: [
        expect.objectContaining({
          path: '/api/agent/ingest',
          body: '{"records":[]}',
          bytes: body.length,
          truncated: false,
        }),
        expect.objectContaining({ body: null, headers: { authorization: 'Bearer bt-***abcd' } }),
      ],
    });
  });
});

describe('createSentRequests', () => {
  const note = (outbox: ReturnType<typeof createSentRequests>, body: Uint8Array | null, headers = {}) =>
    outbox.note({ method: 'POST', path: '/', headers, body });

  it('is bounded in number and in bytes', () => {
    const outbox = createSentRequests(() => 0);
    for (let index = 0; index < 300; index++) note(outbox, null);
    expect(outbox.list()).toHaveLength(100);
    for (let index = 0; index < 20; index++) note(outbox, Buffer.alloc(1024 * 1024, 'x'));
    const shown = outbox.list();
    expect(shown).toHaveLength(8);
    expect(shown[0]).toMatchObject({ bytes: 1024 * 1024, truncated: true });
    expect(shown[0]?.body).toHaveLength(512 * 1024);
  });

  it('shows the beginning of a compressed body that was too large to keep', () => {
    const outbox = createSentRequests(() => 0);
    const text = Array.from({ length: 200_000 }, (_, index) => Math.imul(index, 2_654_435_761) >>> 0).join(
      ' ',
    );
    note(outbox, gzipSync(text), { 'content-encoding': 'gzip' });
    const [shown] = outbox.list();
    expect(shown?.truncated).toBe(true);
    expect(text.startsWith(shown?.body ?? '-')).toBe(true);
  });

  it('shows no credential, even if it was not masked', () => {
    const outbox = createSentRequests(() => 0);
    note(outbox, null, { Authorization: 'Bearer bt-canary' });
    expect(JSON.stringify(outbox.list())).not.toContain('canary');
  });
});
