import { describe, expect, it } from 'vitest';
import { readStop } from './read-stop.ts';

describe('readStop', () => {
  it.each([
    ['stop', false, 'end'],
    ['stop', true, 'tool_calls'],
    ['STOP', false, 'end'],
    ['eos', true, 'tool_calls'],
    ['function_call', true, 'tool_calls'],
    ['content_filter: PROHIBITED_CONTENT', false, 'content_filter'],
    ['function_call_filter: MALFORMED_FUNCTION_CALL', false, 'failed'],
    ['insufficient_system_resource', false, 'failed'],
    ['sensitive', false, 'content_filter'],
    ['model_context_window_exceeded', false, 'context_full'],
    ['abort', false, 'other'],
    ['constructor', false, 'other'],
    [7, false, 'other'],
  ])('%s, with calls: %s', (word, calls, reason) => {
    expect(readStop(word, calls)?.reason).toBe(reason);
  });

  it.each([[null], [undefined], ['']])('there is none yet: %o', (word) => {
    expect(readStop(word, true)).toBe(undefined);
  });
});
