import { describe, expect, it } from 'vitest';
import { bodyOf, chunksOf, eventsOf, useSimulator } from '../test-simulator.ts';

const { post, chat, simulator } = useSimulator();

describe('chat', () => {
  it('answers the same words with matching counts, and says that it is a simulator', async () => {
    const [first, second] = await Promise.all([chat('m'), chat('m')]);
    expect(first.headers.get('x-simulator')).toBe('true');
    const [one, two] = [await bodyOf(first), await bodyOf(second)];
    expect(one.choices).toEqual(two.choices);
    expect(one).toMatchObject({ object: 'chat.completion', created: 1_700_000_000, model: 'm' });
    expect(one.system_fingerprint).toBe('fp_bonito_simulator');
    const words = one.choices[0]?.message.content.split(' ').length ?? 0;
    expect(one.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: words, total_tokens: 3 + words });
  });

  it('honours n and the token limit', async () => {
    const body = await bodyOf(await chat('m', { n: 3, max_completion_tokens: 2 }));
    expect(body.choices).toHaveLength(3);
    expect(new Set(body.choices.map((choice) => choice.message.content)).size).toBe(3);
    expect(body.choices[0]?.finish_reason).toBe('length');
    expect(body.usage.completion_tokens).toBe(6);
  });

  it('streams the same text that it answers at once, with the usage at the end', async () => {
    const whole = await bodyOf(await chat('m'));
    const chunks = await chunksOf(await chat('m', { stream: true, stream_options: { include_usage: true } }));
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
    expect(chunks[0]?.usage).toBeNull();
  });

  it('streams no usage unless asked, and ends in [DONE]', async () => {
    const events = await eventsOf(await chat('m', { stream: true }));
    expect(events.at(-1)).toBe('[DONE]');
    expect(events.join()).not.toContain('"usage"');
  });

  it.each([
    ['{', 400, null],
    ['[]', 400, null],
    [{ messages: [{}] }, 400, 'model'],
    [{ model: 'm' }, 400, 'messages'],
    [{ model: 'm', messages: [{}], n: 0 }, 400, 'n'],
    [{ model: 'm', messages: [{}], max_tokens: 'x' }, 400, 'max_tokens'],
  ])('refuses %j', async (body, status, param) => {
    const response = await post('/v1/chat/completions', body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', param } });
  });

  it('serves nothing else', async () => {
    const response = await post('/v1/nothing', {});
    expect(response.status).toBe(404);
    expect(simulator().attempts().total).toBe(0);
  });
});
