import { describe, expect, it } from 'vitest';
import { bodyOf, eventsOf, useSimulator } from '../test-simulator.ts';

const { post, chat, simulator, waits } = useSimulator();

describe('faults', () => {
  it('answers a status with retry-after', async () => {
    const response = await chat('sim/status-429-retry-after-2');
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '2']);
    expect(await response.json()).toMatchObject({ error: { type: 'requests', code: 'rate_limit_exceeded' } });
  });

  it('answers a web page', async () => {
    const response = await chat('sim/html-502');
    expect([response.status, response.headers.get('content-type')]).toEqual([502, 'text/html']);
    expect(await response.text()).toContain('<h1>502</h1>');
  });

  it('takes faults from the header, also several', async () => {
    expect((await chat('m', {}, { 'x-simulator-fault': 'slow-first-byte-40,status-500' })).status).toBe(500);
    expect(waits).toEqual([40]);
    expect((await chat('m', {}, { 'x-simulator-fault': 'no-such' })).status).toBe(400);
  });

  it('waits before the first event and between events', async () => {
    await (await chat('sim/slow-first-event-9,slow-chunks-7,words-2', { stream: true })).text();
    expect(waits).toEqual([9, 7, 7, 7]);
  });

  it('drops the connection before an answer', async () => {
    await expect(chat('sim/drop')).rejects.toThrow();
    expect(simulator().attempts()).toMatchObject({ total: 1, cut: 1, by_status: { 0: 1 } });
  });

  it.each([true, false])('cuts an answer off (stream: %s)', async (stream) => {
    const response = await chat('sim/cut-after-2,words-200', { stream });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    await simulator().settled();
    const [attempt] = simulator().listAttempts();
    expect(attempt).toMatchObject({
      outcome: 'cut',
      status: 200,
      input_tokens: 3,
      output_tokens: stream ? 1 : 200,
    });
  });

  it('cuts before [DONE], and not at all after the end', async () => {
    // The role, two words and the finish reason.
    const events = 4;
    await expect((await chat(`sim/words-2,cut-after-${events}`, { stream: true })).text()).rejects.toThrow();
    const whole = await eventsOf(await chat(`sim/words-2,cut-after-${events + 1}`, { stream: true }));
    expect(whole).toHaveLength(events + 1);
    await simulator().settled();
    expect(simulator().attempts()).toMatchObject({ cut: 1, completed: 1, output_tokens: 4 });
  });

  it('cuts after the head', async () => {
    const response = await chat('sim/cut-after-0', { stream: true });
    await expect(response.text()).rejects.toThrow();
  });

  it('stalls until the caller goes away, and counts what was sent', async () => {
    const abort = new AbortController();
    const body = { model: 'sim/stall-after-3', stream: true, messages: [{ role: 'user', content: 'wait' }] };
    const response = await post('/v1/chat/completions', body, {}, abort.signal);
    const reader = response.body?.getReader();
    await reader?.read();
    expect(simulator().attempts()).toMatchObject({ running: 1, completed: 0 });
    abort.abort();
    await simulator().settled();
    expect(simulator().listAttempts()[0]).toMatchObject({ outcome: 'aborted', output_tokens: 2 });
  });

  it('fails in mid-stream with an error event', async () => {
    const events = await eventsOf(await chat('sim/error-after-2', { stream: true }));
    expect(events).toHaveLength(3);
    expect(JSON.parse(events[2] ?? '')).toMatchObject({ error: { type: 'server_error' } });
    expect(simulator().attempts().cut).toBe(1);
  });

  it('spoils one event, or the JSON answer', async () => {
    const events = await eventsOf(await chat('sim/malformed-chunk-3', { stream: true }));
    expect(() => JSON.parse(events[1] ?? '')).not.toThrow();
    expect(() => JSON.parse(events[2] ?? '')).toThrow(SyntaxError);
    await expect((await chat('sim/malformed-chunk-1')).json()).rejects.toThrow(SyntaxError);
  });

  it('ends a stream without [DONE]', async () => {
    expect((await eventsOf(await chat('sim/no-done', { stream: true }))).at(-1)).toContain('"stop"');
  });

  it('refuses stream_options', async () => {
    const withOptions = { stream: true, stream_options: { include_usage: true } };
    expect((await chat('sim/refuse-stream-options', withOptions)).status).toBe(400);
    expect((await chat('sim/refuse-stream-options', { stream: true })).status).toBe(200);
  });

  it.each([true, false])('answers a huge text (stream: %s)', async (stream) => {
    const text = await (await chat('sim/huge-3000001', { stream })).text();
    expect(text.match(/x| (?=["\\x])/g)?.length).toBeGreaterThanOrEqual(3_000_001 - 3000);
    expect(simulator().attempts()).toMatchObject({
      completed: 1,
      output_tokens: Math.ceil(3_000_001 / 1024),
    });
  });

  it('echoes the last user message', async () => {
    const content = '  canary-7f3a\n twice  ';
    const body = await bodyOf(await chat('sim/echo', { messages: [{ role: 'user', content }] }));
    expect(body.choices[0]?.message.content).toBe(content);
  });

  it('reports the usage it was told, or none', async () => {
    const told = await bodyOf(await chat('sim/usage-100-20,cached-60,reasoning-5'));
    expect(told.usage).toMatchObject({
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 120,
      prompt_tokens_details: { cached_tokens: 60 },
      completion_tokens_details: { reasoning_tokens: 5 },
    });
    expect(await bodyOf(await chat('sim/no-usage'))).not.toHaveProperty('usage');
    const stream = await chat('sim/no-usage', { stream: true, stream_options: { include_usage: true } });
    expect((await eventsOf(stream)).join()).not.toContain('"usage"');
    expect(simulator().attempts().input_tokens).toBe(100 + 3 + 3);
  });
});
