import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import type { ConfigSource } from '../gateway/ports.ts';
import { errorCode, type Log } from '../telemetry/log.ts';
import type { SentRequests } from './outbox.ts';

export interface AdminOptions {
  version: string;
  instance: string;
  config: ConfigSource;
  registry: Registry;
  outbox: SentRequests;
  log: Log;
  /** True from the moment on that the agent begins to stop. */
  stopping(): boolean;
}

interface Answer {
  status?: number;
  type?: string;
  body: string;
}

const json = (value: unknown, status = 200): Answer => ({
  status,
  type: 'application/json',
  body: `${JSON.stringify(value)}\n`,
});

/** The admin port: health, metrics, what was sent to the control plane, what is applied. Reads only, and shows no secret. */
export function createAdminHandler(options: AdminOptions): RequestListener {
  const routes = adminRoutes(options);
  const answer = async (incoming: IncomingMessage): Promise<Answer> => {
    const path = (incoming.url ?? '/').split('?', 1)[0] ?? '/';
    const route = routes.get(path);
    if (!route) return json({ error: 'not_found', paths: [...routes.keys()] }, 404);
    if (incoming.method !== 'GET' && incoming.method !== 'HEAD')
      return json({ error: 'method_not_allowed' }, 405);
    return route();
  };
  return (incoming, outgoing) => {
    incoming.resume();
    answer(incoming)
      .catch((error: unknown) => {
        options.log.error({ code: errorCode(error) }, 'the admin port could not answer');
        return json({ error: 'internal_error' }, 500);
      })
      .then((found) => send(incoming, outgoing, found));
  };
}

function adminRoutes(options: AdminOptions): ReadonlyMap<string, () => Answer | Promise<Answer>> {
  const { config, registry, outbox } = options;
  return new Map<string, () => Answer | Promise<Answer>>([
    ['/health/live', () => json({ status: 'live' })],
    [
      '/health/ready',
      () => {
        if (options.stopping()) return json({ status: 'stopping' }, 503);
        return config.snapshot ? json({ status: 'ready' }) : json({ status: 'no_configuration' }, 503);
      },
    ],
    ['/metrics', async () => ({ type: registry.contentType, body: await registry.metrics() })],
    ['/outbox', () => json({ requests: outbox.list() })],
    ['/config', () => json(describeConfig(options))],
  ]);
}

function describeConfig({ config, version, instance }: AdminOptions) {
  const { snapshot } = config;
  return {
    agent_version: version,
    instance,
    offline_seconds: config.offlineSeconds(),
    applied:
      snapshot === undefined
        ? null
        : {
            organization: snapshot.organization,
            ...snapshot.version,
            models: [...snapshot.models.keys()],
            providers: Array.from(snapshot.providers.values(), (provider) => ({
              id: provider.config.id,
              name: provider.config.name,
              kind: provider.config.kind,
              unusable: provider.unusable ?? null,
            })),
            secrets: snapshot.secretCount,
          },
  };
}

function send(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { status = 200, type, body }: Answer,
): void {
  const bytes = Buffer.from(body);
  outgoing.writeHead(status, {
    'content-type': type ?? 'text/plain; charset=utf-8',
    'content-length': bytes.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  outgoing.end(incoming.method === 'HEAD' ? undefined : bytes);
}
