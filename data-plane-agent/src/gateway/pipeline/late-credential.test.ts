import { type Simulator, startSimulator } from '@bonito/simulator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Credential } from '../providers/provider-kind.ts';
import { startTestGateway, TEST_CREDENTIAL, TEST_KEY, type TestGateway } from './fixtures/test-gateway.ts';

/** A credential that comes when a test says so; asked for once for each target. */
class LateCredential {
  asked = 0;
  private readonly waiting: { resolve: (credential: Credential) => void; reject: (error: Error) => void }[] =
    [];

  readonly fetch = (): Promise<Credential> => {
    this.asked++;
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  };

  come(): void {
    for (const { resolve } of this.waiting.splice(0)) resolve({ type: 'secret', value: TEST_CREDENTIAL });
  }

  fail(): void {
    for (const { reject } of this.waiting.splice(0)) reject(new Error('no metadata service'));
  }
}

describe('a credential that comes late', () => {
  let simulator: Simulator;
  let gateway: TestGateway;
  let late: LateCredential;
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  beforeAll(async () => {
    simulator = await startSimulator();
    process.on('unhandledRejection', note);
  });
  afterAll(async () => {
    process.off('unhandledRejection', note);
    await simulator.close();
  });
  beforeEach(async () => {
    simulator.reset();
    late = new LateCredential();
    const target = { baseUrl: `${simulator.url}/v1`, upstreamModel: 'sim/plain' };
    gateway = await startTestGateway({ models: { m: [target, target] }, fetchCredential: late.fetch });
  });
  afterEach(async () => {
    await gateway.close();
    expect(unhandled).toEqual([]);
  });

  function ask(stream: boolean, signal?: AbortSignal): Promise<Response> {
    const messages = [{ role: 'user', content: 'hello' }];
    return fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', stream, messages }),
      ...(signal && { signal }),
    });
  }

  async function turns(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  it('is waited for', async () => {
    const asked = ask(false);
    await expect.poll(() => late.asked).toBe(1);
    late.come();
    expect((await asked).status).toBe(200);
    expect(simulator.attempts().total).toBe(1);
  });

  describe.each([true, false])('and finds its client gone (stream: %s)', (stream) => {
    it.each(['come', 'fail'] as const)('calls no one, and settles once: %s', async (how) => {
      const client = new AbortController();
      const asked = ask(stream, client.signal);
      await expect.poll(() => late.asked).toBe(1);
      client.abort();
      await expect(asked).rejects.toThrow();
      const [record] = await gateway.settled(1);
      expect(record).toMatchObject({ outcome: 'cancelled', error_code: 'client_closed', attempts: [] });
      expect([gateway.gateway.inFlight(), gateway.buffered]).toEqual([0, 0]);
      late[how]();
      await turns();
      expect(gateway.records).toHaveLength(1);
      expect(gateway.opened).toEqual([]);
      expect(late.asked).toBe(1);
      expect(simulator.attempts().total).toBe(0);
    });
  });

  it('holds up no stop', async () => {
    const asked = ask(true);
    await expect.poll(() => late.asked).toBe(1);
    await gateway.gateway.stop(0);
    expect((await asked).status).toBe(503);
    late.come();
    await turns();
    expect(gateway.records).toMatchObject([
      { outcome: 'error', error_code: 'gateway_stopping', attempts: [] },
    ]);
    expect(simulator.attempts().total).toBe(0);
  });
});
