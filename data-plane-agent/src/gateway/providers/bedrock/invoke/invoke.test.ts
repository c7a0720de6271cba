import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamFrame } from '../../../framing/stream-frame.ts';
import { bedrockTarget } from '../fixtures/bedrock-target.ts';
import { invokeDialect } from './invoke-dialect.ts';
import { unwrapClaudeEvent } from './unwrap-claude-event.ts';

function chunk(value: unknown, before = 'p'): StreamFrame {
  const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');
  const payload = before === 'p' ? { p: 'abc', bytes } : { bytes, p: 'abc' };
  return { event: 'chunk', exception: false, data: Buffer.from(JSON.stringify(payload)) };
}

function exception(name: string, message: string): StreamFrame {
  return { event: name, exception: true, data: Buffer.from(JSON.stringify({ message })) };
}

describe("Claude's events in Bedrock's frames", () => {
  it.each([
    ['{"type":"message_start","message":{}}', 'message_start'],
    ['{"delta":{"text":"é"},"type":"content_block_delta"}', 'content_block_delta'],
    ['{ "type" : "ping" }', 'ping'],
    ['{"x":1}', undefined],
  ])('unwraps %s', (json, event) => {
    const unwrapped = unwrapClaudeEvent(chunk(json));
    expect([unwrapped?.event, unwrapped?.data.toString(), unwrapped?.exception]).toEqual([
      event,
      json,
      false,
    ]);
  });

  it('has nothing where the frame has nothing', () => {
    expect(
      unwrapClaudeEvent({ event: 'initial-response', exception: false, data: Buffer.alloc(0) }),
    ).toBeUndefined();
    expect(unwrapClaudeEvent({ event: 'chunk', exception: false, data: Buffer.from('{}') })).toBeUndefined();
  });

  it.each([
    ['throttlingException', 'slow', 'rate_limit_error'],
    ['serviceUnavailableException', 'x', 'overloaded_error'],
    ['modelTimeoutException', 'x', 'timeout_error'],
    ['internalServerException', 'x', 'api_error'],
    ['validationException', 'prompt is too long: 2 tokens > 1 maximum', 'invalid_request_error'],
  ])("writes %s as Anthropic's error event", (name, message, type) => {
    const unwrapped = unwrapClaudeEvent(exception(name, message));
    expect(unwrapped?.event).toBe('error');
    expect(JSON.parse(unwrapped?.data.toString() ?? '')).toEqual({ type: 'error', error: { type, message } });
  });
});

describe("any model's body", () => {
  const metrics = { inputTokenCount: 3, outputTokenCount: 4, cacheReadInputTokenCount: 5 };
  const last = (text: string) => ({ text, 'amazon-bedrock-invocationMetrics': metrics });

  it('is counted by the last chunk, wherever in it the figures stand', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.constantFrom('p', 'bytes'), (text, order) => {
        const meter = invokeDialect.passMeter(false);
        const first = chunk({ text }, order);
        expect([meter.frame(first), meter.concerns(first.data)]).toEqual(['data', false]);
        const end = chunk(last(text), order);
        expect([meter.concerns(end.data), meter.frame(end)]).toEqual([true, 'end']);
        expect(meter.figures).toEqual({ input: 3, output: 4, cache_read: 5 });
      }),
    );
  });

  it("is counted with the hour that a cache of Claude's lives", () => {
    const usage = {
      input_tokens: 3,
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 10,
      cache_creation: { ephemeral_5m_input_tokens: 4, ephemeral_1h_input_tokens: 6 },
      output_tokens: 1,
    };
    const meter = invokeDialect.passMeter(false);
    meter.frame(chunk({ type: 'message_start', message: { usage } }));
    const counted = { inputTokenCount: 3, outputTokenCount: 9, cacheWriteInputTokenCount: 10 };
    meter.frame(chunk({ type: 'message_stop', 'amazon-bedrock-invocationMetrics': counted }));
    expect(meter.figures).toEqual({ input: 3, output: 9, cache_write: 4, cache_write_1h: 6 });
    const headers = {
      'x-amzn-bedrock-input-token-count': '3',
      'x-amzn-bedrock-output-token-count': '1',
      'x-amzn-bedrock-cache-write-input-token-count': '10',
    };
    expect(invokeDialect.readUsage({ usage }, headers)).toEqual({
      input: 3,
      output: 1,
      cache_write: 4,
      cache_write_1h: 6,
    });
  });

  it('fails by an exception', () => {
    expect(invokeDialect.passMeter(false).frame(exception('throttlingException', 'x'))).toBe('error');
  });

  it.each<[string, object, Record<string, string> | undefined, object | undefined]>([
    [
      'headers',
      {},
      { 'x-amzn-bedrock-input-token-count': '3', 'x-amzn-bedrock-output-token-count': '4' },
      { input: 3, output: 4 },
    ],
    [
      'Claude',
      {
        usage: {
          input_tokens: 1,
          output_tokens: 2,
          cache_read_input_tokens: 3,
          cache_creation_input_tokens: 10,
          cache_creation: { ephemeral_1h_input_tokens: 4 },
        },
      },
      undefined,
      { input: 1, output: 2, cache_read: 3, cache_write: 6, cache_write_1h: 4 },
    ],
    ['Nova', { usage: { inputTokens: 1, outputTokens: 2 } }, undefined, { input: 1, output: 2 }],
    ['gpt-oss', { usage: { prompt_tokens: 1, completion_tokens: 2 } }, undefined, { input: 1, output: 2 }],
    ['Llama', { prompt_token_count: 1, generation_token_count: 2 }, undefined, { input: 1, output: 2 }],
    ['Titan', { inputTextTokenCount: 1, results: [{ tokenCount: 2 }] }, undefined, { input: 1, output: 2 }],
    ['nothing', { outputs: [] }, {}, undefined],
  ])('has its usage read from %s', (_name, body, headers, expected) => {
    expect(invokeDialect.readUsage(body as never, headers)).toEqual(expected);
  });

  it('goes to the model by its path, with the headers of the operation', () => {
    const target = bedrockTarget('llama', 'arn:aws:bedrock:us-east-1:1:inference-profile/us.meta.llama:0');
    expect(invokeDialect.address(target, true).path).toBe(
      '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.meta.llama%3A0/invoke-with-response-stream',
    );
    expect(invokeDialect.address(target, false).path).toMatch(/\/invoke$/);
    const header = (name: string) => (name === 'x-amzn-bedrock-trace' ? 'ENABLED' : undefined);
    expect(invokeDialect.pass({ body: {}, header, stream: false }, target)).toEqual({
      edits: {},
      dropped: [],
      headers: ['x-amzn-bedrock-trace', 'ENABLED'],
    });
  });
});
