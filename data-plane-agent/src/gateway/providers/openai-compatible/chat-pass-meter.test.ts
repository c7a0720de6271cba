import { describe, expect, it } from 'vitest';
import { ChatPassMeter } from './chat-pass-meter.ts';

function frame(text: string, event?: string) {
  return { event, exception: false, data: Buffer.from(text) };
}

describe('ChatPassMeter', () => {
  it.each<[string, string, string | undefined, string]>([
    ['content', '{"choices":[{"delta":{"content":"a"}}],"usage":null}', undefined, 'data'],
    ['a comment', '', undefined, 'keep-alive'],
    ['the end', '[DONE]', undefined, 'end'],
    ['an error', '{"error":{"message":"m"}}', undefined, 'error'],
    ['an error as text', '{"error":"m"}', undefined, 'error'],
    ['an error object itself', '{"object":"error","message":"m"}', undefined, 'error'],
    ['an error by the name of the event', '{"message":"m"}', 'error', 'error'],
    ['no error', '{"choices":[],"error":null}', undefined, 'data'],
    ['the word in text', '{"choices":[{"delta":{"content":"\\"error\\": {}"}}]}', undefined, 'data'],
    ['figures alone', '{"choices":[],"usage" : {"prompt_tokens":1}}', undefined, 'hidden'],
    [
      'figures beside what a filter thinks',
      '{"choices":[],"prompt_filter_results":[],"usage":{"prompt_tokens":1}}',
      undefined,
      'hidden',
    ],
    ['figures with content', '{"choices":[{"delta":{}}],"usage":{"prompt_tokens":1}}', undefined, 'data'],
  ])('%s', (_name, text, event, sight) => {
    const meter = new ChatPassMeter(true, true);
    expect(meter.frame(frame(text, event))).toBe(sight);
    const stream = Buffer.from(`${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`);
    // What must be seen is never passed by.
    if (sight !== 'data' && sight !== 'keep-alive') expect(meter.concerns(stream)).toBe(true);
  });

  it('keeps the last figures, wherever the server puts them', () => {
    const meter = new ChatPassMeter(false, true);
    meter.frame(frame('{"choices":[{}],"usage":{"prompt_tokens":1,"completion_tokens":1}}'));
    meter.frame(frame('{"choices":[{}],"x_groq":{"usage":{"prompt_tokens":1,"completion_tokens":3}}}'));
    expect(meter.figures).toEqual({ input: 1, output: 3 });
    meter.frame(frame('{"choices":[{"usage":{"prompt_tokens":1,"completion_tokens":4}}]}'));
    expect(meter.figures).toEqual({ input: 1, output: 4 });
    expect(meter.mayClose).toBe(false);
  });

  it('may close after a stop where the server sends no end', () => {
    const meter = new ChatPassMeter(false, false);
    expect(meter.mayClose).toBe(false);
    meter.frame(frame('{"choices":[{"finish_reason":"stop"}]}'));
    expect(meter.mayClose).toBe(true);
  });
});
