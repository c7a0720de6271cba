import { describe, expect, it, vi } from 'vitest';
import { startSimulator } from './start-simulator.ts';

describe('a started simulator', () => {
  it('checks the credential it was given', async () => {
    const guarded = await startSimulator({ credential: 'right' });
    const ask = (authorization: string) => fetch(`${guarded.url}/v1/models`, { headers: { authorization } });
    expect((await ask('Bearer wrong')).status).toBe(401);
    expect((await ask('Bearer right')).status).toBe(200);
    const init = { method: 'POST', body: '{"model":"m","messages":[{}]}' };
    const response = await fetch(`${guarded.url}/v1/chat/completions`, init);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
    await guarded.close();
  });

  it('closes while an answer stalls', async () => {
    const stalling = await startSimulator();
    const body = '{"model":"sim/stall-after-1","stream":true,"messages":[{}]}';
    const response = await fetch(`${stalling.url}/v1/chat/completions`, { method: 'POST', body });
    const text = expect(response.text()).rejects.toThrow();
    await stalling.close();
    await text;
    expect(stalling.attempts()).toMatchObject({ running: 0, aborted: 1 });
  });

  it('holds 2,000 requests at once', async () => {
    const release = Promise.withResolvers<void>();
    const busy = await startSimulator({ wait: () => release.promise });
    const body = '{"model":"sim/slow-first-byte-1","messages":[{"role":"user","content":"hi"}]}';
    const answers = Array.from({ length: 2000 }, () =>
      fetch(`${busy.url}/v1/chat/completions`, { method: 'POST', body }).then((response) => response.text()),
    );
    await vi.waitFor(() => expect(busy.attempts().running).toBe(2000), { timeout: 20_000 });
    release.resolve();
    await Promise.all(answers);
    expect(busy.attempts()).toMatchObject({ total: 2000, completed: 2000, most_running: 2000 });
    await busy.close();
  });
});
