import { describe, expect, it } from 'vitest';
import type { CompiledTarget } from '../../../snapshot/snapshot.ts';
import { responsesDialect } from './responses-dialect.ts';

const TARGET = { deployment: { upstream_model: 'gpt-x' } } as CompiledTarget;
const dialect = responsesDialect(() => ({ path: '/responses' }));

function frame(text: string, event?: string) {
  return { event, exception: false, data: Buffer.from(text) };
}

describe('a request of the Responses API that is passed on', () => {
  it.each([
    ['alias', { edits: { model: 'gpt-x' }, dropped: [] }],
    ['gpt-x', { edits: {}, dropped: [] }],
  ])('with the model %s', (model, edits) => {
    const input = { body: { model, input: '' }, header: () => undefined, stream: true };
    expect(dialect.pass(input, TARGET)).toEqual(edits);
  });

  it('goes to its address and gives its figures', () => {
    expect(dialect.address(TARGET, true)).toEqual({ path: '/responses' });
    const usage = {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4 },
      output_tokens: 6,
      output_tokens_details: { reasoning_tokens: 5 },
      total_tokens: 16,
    };
    expect(dialect.readUsage({ usage })).toEqual({ input: 6, cache_read: 4, output: 1, reasoning: 5 });
    expect(dialect.readUsage({ usage: null })).toBeUndefined();
  });
});

describe('a stream of the Responses API that is passed on', () => {
  const usage = { input_tokens: 3, output_tokens: 2, total_tokens: 5 };
  const last = (type: string) => JSON.stringify({ type, sequence_number: 9, response: { usage } });
  it.each<[string, string, string | undefined, string, boolean]>([
    [
      'its beginning',
      '{"type":"response.created","response":{"error":null}}',
      'response.created',
      'opening',
      false,
    ],
    [
      'its beginning without a name',
      '{"response":{"error":null},"type":"response.in_progress"}',
      undefined,
      'opening',
      false,
    ],
    [
      'the word of its beginning in a delta without a name',
      '{"type":"response.output_text.delta","delta":"\\"response.created\\""}',
      undefined,
      'data',
      false,
    ],
    [
      'a delta',
      '{"type":"response.output_text.delta","delta":"a"}',
      'response.output_text.delta',
      'data',
      false,
    ],
    [
      'the word in a delta',
      '{"type":"response.output_text.delta","delta":"response.completed"}',
      undefined,
      'data',
      false,
    ],
    ['a complete answer', last('response.completed'), 'response.completed', 'end', true],
    ['the same without a name', last('response.completed'), undefined, 'end', true],
    ['a cut answer', last('response.incomplete'), 'response.incomplete', 'end', true],
    ['a failed answer', last('response.failed'), 'response.failed', 'error', true],
    ['an error', '{"type":"error","code":"x","message":"m"}', 'error', 'error', false],
    ['an error without a name', '{"type":"error","message":"m"}', undefined, 'error', false],
    ['an error in the words of the chat API', '{"error":{"message":"m"}}', undefined, 'error', false],
    ['an error that is a sentence', '{"code":"x","error":"m"}', undefined, 'error', false],
    ['no error', '{"error":null}', undefined, 'data', false],
    ['an error in words', 'overloaded', 'error', 'error', false],
    ['a keep-alive', '{"type":"keepalive","sequence_number":3}', 'keepalive', 'keep-alive', false],
    ['a comment', '', undefined, 'keep-alive', false],
    ['the end of another wire', '[DONE]', undefined, 'data', false],
    ['no JSON', '{', undefined, 'data', false],
  ])('%s', (_name, text, event, sight, counted) => {
    const meter = dialect.passMeter(false);
    expect(meter.frame(frame(text, event))).toBe(sight);
    expect(meter.figures).toEqual(counted ? { input: 3, output: 2 } : undefined);
    expect(meter.mayClose).toBe(false);
    const stream = Buffer.from(`${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`);
    if (sight !== 'data' && text !== '') expect(meter.concerns(stream)).toBe(true);
  });

  it('passes deltas by', () => {
    const delta = '{"type":"response.output_text.delta","delta":"Hello"}';
    expect(dialect.passMeter(false).concerns(Buffer.from(`data: ${delta}\n\n`))).toBe(false);
  });
});
