import type { Dispatcher } from 'undici';
import { describe, expect, it } from 'vitest';
import type { CompiledProvider } from '../gateway/snapshot/snapshot.ts';
import { createChooseProxy } from './choose-proxy.ts';
import type { Reach } from './create-dispatcher.ts';
import { createTrust } from './trust.ts';
import { createProviderConnections } from './upstream-connections.ts';

const id = '0190a0a0-0000-7000-8000-000000000001';

function provider(
  config: Partial<CompiledProvider['config']> = {},
  origin = 'https://one.example',
): CompiledProvider {
  const whole = {
    id,
    name: 'one',
    kind: 'openai-compatible',
    base_url: `${origin}/v1`,
    credential: { from: 'none' as const },
    restrictions: [],
    ...config,
  };
  return { config: whole, origin, basePath: '/v1', unusable: undefined };
}

function connections() {
  const made: Reach[] = [];
  const closed: string[] = [];
  const all = createProviderConnections({
    chooseProxy: createChooseProxy({
      httpsProxy: 'http://proxy:1',
      httpProxy: undefined,
      noProxy: ['two.example'],
    }),
    trust: createTrust(),
    connections: 7,
    connectMs: 1_000,
    create: (reach) => {
      made.push(reach);
      const end = async () => void closed.push(reach.origin);
      return { close: end, destroy: end } as unknown as Dispatcher;
    },
  });
  return { all, made, closed };
}

describe('createProviderConnections', () => {
  it('keeps one pool for a provider across snapshots', () => {
    const { all, made } = connections();
    const first = all.dispatcher(provider());
    expect(all.dispatcher(provider({ name: 'renamed', retries: 3 }))).toBe(first);
    expect(made).toHaveLength(1);
    expect(made[0]).toMatchObject({
      connections: 7,
      connectMs: 1_000,
      proxy: 'http://proxy:1',
      refuseMetadata: true,
    });
  });

  it('opens another when what concerns the connection changes', () => {
    const { all, made } = connections();
    all.dispatcher(provider());
    all.dispatcher(provider({ proxy: 'direct' }));
    all.dispatcher(provider({ proxy: 'http://own:2', time_limits: { connect_ms: 5 } }));
    all.dispatcher(provider({}, 'https://two.example'));
    expect(made.map((reach) => reach.proxy)).toEqual([
      'http://proxy:1',
      undefined,
      'http://own:2',
      undefined,
    ]);
    expect(made[2]?.connectMs).toBe(5);
  });

  it('closes the pools of providers that are gone, and only those', () => {
    const { all, closed, made } = connections();
    const old = provider();
    all.dispatcher(old);
    const other = provider({}, 'https://two.example');
    const kept = all.dispatcher(other);
    all.retain([other]);
    expect(closed).toEqual(['https://one.example']);
    expect(all.dispatcher(other)).toBe(kept);
    all.dispatcher(old);
    expect(made).toHaveLength(3);
  });

  it('refuses, and does not throw, where a provider cannot be connected to', async () => {
    const all = createProviderConnections({
      chooseProxy: createChooseProxy({ httpsProxy: undefined, httpProxy: undefined, noProxy: [] }),
      trust: {
        context: () => {
          throw new Error('not PEM');
        },
      },
      connections: 1,
      connectMs: 1_000,
    });
    const failed = all
      .dispatcher(provider())
      .request({ origin: 'https://one.example', path: '/', method: 'GET' });
    await expect(failed).rejects.toMatchObject({ code: 'CONNECTION_SETTINGS_INVALID' });
    await all.close();
  });

  it('closes all at the end', async () => {
    const { all, closed } = connections();
    all.dispatcher(provider());
    await all.close();
    expect(closed).toHaveLength(1);
  });
});
