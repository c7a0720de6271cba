import { providerPreset, SERVED_GEOGRAPHY, SERVED_TIER } from '@bonito/protocol';
import { describe, expect, it } from 'vitest';
import { readPassedAnswer } from '../pipeline/read-whole-answer.ts';
import { converseDialect } from '../providers/bedrock/converse/converse-dialect.ts';
import { openAiChatDialect } from '../providers/openai-compatible/openai-chat-dialect.ts';
import { responsesDialect } from '../providers/openai-compatible/responses/responses-dialect.ts';
import type { CompiledTarget } from '../snapshot/snapshot.ts';
import { readAnthropicUsage } from './read-anthropic-usage.ts';
import { readInvocationHeaders } from './read-converse-usage.ts';
import { readGeminiUsage } from './read-gemini-usage.ts';
import { readOpenAiUsage } from './read-openai-usage.ts';
import { noteServed, tierName } from './served-as.ts';

it.each([
  ['flex', 'flex'],
  ['PRIORITY', 'priority'],
  ['ON_DEMAND', 'on_demand'],
  ['ON_DEMAND_PRIORITY', 'priority'],
  ['ON_DEMAND_FLEX', 'flex'],
  ['PROVISIONED_THROUGHPUT', 'provisioned'],
  ['', undefined],
  [null, undefined],
  [7, undefined],
])('calls the tier %j %j', (word, name) => expect(tierName(word)).toBe(name));

it('notes nothing where there are no counts, and keeps what was noted before', () => {
  expect(noteServed(undefined, 'flex')).toBeUndefined();
  const counts = noteServed({ input: 1 }, 'flex', 'US');
  expect(noteServed(counts, undefined, '')).toEqual({
    input: 1,
    [SERVED_TIER]: 'flex',
    [SERVED_GEOGRAPHY]: 'us',
  });
  // What leaves the process is the counts alone.
  expect(JSON.stringify(counts)).toBe('{"input":1}');
});

it('is read where each provider says it', () => {
  const claude = { input_tokens: 1, output_tokens: 1, service_tier: 'batch', inference_geo: 'us' };
  expect(readAnthropicUsage(claude)).toMatchObject({ [SERVED_TIER]: 'batch', [SERVED_GEOGRAPHY]: 'us' });
  expect(readAnthropicUsage({ ...claude, speed: 'fast' })).toMatchObject({ [SERVED_TIER]: 'fast' });
  // A stream says it at its beginning.
  expect(readAnthropicUsage({ output_tokens: 9 }, claude)).toMatchObject({ [SERVED_TIER]: 'batch' });
  const gemini = { promptTokenCount: 1, candidatesTokenCount: 1 };
  expect(readGeminiUsage({ ...gemini, serviceTier: 'flex' })).toMatchObject({ [SERVED_TIER]: 'flex' });
  expect(readGeminiUsage({ ...gemini, trafficType: 'ON_DEMAND_FLEX' })).toMatchObject({
    [SERVED_TIER]: 'flex',
  });
  // Mistral says it inside of the figures.
  const mistral = { prompt_tokens: 1, completion_tokens: 1, service_tier: 'priority' };
  expect(readOpenAiUsage(mistral)).toMatchObject({ [SERVED_TIER]: 'priority' });
  const headers = { 'x-amzn-bedrock-input-token-count': '4', 'x-amzn-bedrock-service-tier': 'priority' };
  expect(readInvocationHeaders(headers)).toMatchObject({ input: 4, [SERVED_TIER]: 'priority' });
});

describe('an answer that passes through, and one that is translated', () => {
  const address = () => ({ path: '/' });
  const price = { revision: 'r', per_million: {}, variants: [] };
  const tiered = { deployment: { price } } as unknown as CompiledTarget;
  const chat = openAiChatDialect({ address, preset: providerPreset('openai') });
  const responses = responsesDialect(address);
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
  const converse = {
    usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
    serviceTier: { type: 'flex' },
  };
  const json = (value: object) => Buffer.from(JSON.stringify(value));
  const noted = { input: 3, output: 2, [SERVED_TIER]: 'flex' };

  it.each([
    ['OpenAI’s chat', chat, { choices: [], usage, service_tier: 'flex' }],
    ['OpenAI’s responses', responses, { service_tier: 'flex', usage }],
    ['Converse', converseDialect, converse],
  ])('say it in one piece: %s', (_name, dialect, answer) => {
    expect(readPassedAnswer(json(answer), {}, dialect, tiered)?.tokens).toEqual(noted);
  });

  it.each([
    ['OpenAI’s chat', chat, undefined, { choices: [], usage, service_tier: 'flex' }],
    [
      'OpenAI’s responses',
      responses,
      'response.completed',
      { type: 'response.completed', response: { usage, service_tier: 'flex' } },
    ],
    ['Converse', converseDialect, 'metadata', converse],
  ])('say it in a stream: %s', (_name, dialect, event, piece) => {
    const meter = dialect.passMeter(false);
    meter.frame({ event, data: json(piece), exception: false });
    expect(meter.figures).toEqual(noted);
  });

  it('say it in the neutral form too', () => {
    const message = { role: 'assistant', content: 'hello' };
    const answer = { choices: [{ index: 0, message, finish_reason: 'stop' }], usage, service_tier: 'flex' };
    expect(chat.readAnswer(answer).usage?.counts).toEqual(noted);
    const output = { message: { role: 'assistant', content: [{ text: 'hello' }] } };
    expect(converseDialect.readAnswer({ output, stopReason: 'end_turn', ...converse }).usage?.counts).toEqual(
      noted,
    );
  });
});
