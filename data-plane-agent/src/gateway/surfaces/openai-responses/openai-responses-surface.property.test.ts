import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../errors/gateway-error.ts';
import { openAiResponsesSurface as surface } from './openai-responses-surface.ts';

/** Values that stand in wrong places, and now and then in right ones. */
const value = fc.oneof(
  { weight: 3, arbitrary: fc.string({ maxLength: 4 }) },
  fc.constantFrom(null, 0, 1.5, true, false, {}, []),
  fc.constant([{ type: 'input_text', text: 'a' }]),
  fc.constant([{ type: 'summary_text', text: 'a' }, null, { type: 'input_image' }]),
  fc.jsonValue({ maxDepth: 2 }),
);
const names = [
  'role',
  'content',
  'call_id',
  'name',
  'arguments',
  'input',
  'output',
  'summary',
  'encrypted_content',
  'tools',
  'id',
  'result',
];
const types = [
  'message',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
  'reasoning',
  'additional_tools',
  'image_generation_call',
  'namespace',
  'function',
  'custom',
  'web_search_call',
];
const item = fc
  .tuple(fc.constantFrom(...types), fc.dictionary(fc.constantFrom(...names), value))
  .map(([type, members]) => ({ ...members, type }));
const body = fc.record(
  {
    model: fc.oneof({ weight: 9, arbitrary: fc.constant('m') }, value),
    input: fc.oneof({ weight: 9, arbitrary: fc.array(item, { maxLength: 4 }) }, value),
    tools: fc.oneof(fc.array(item, { maxLength: 2 }), value),
    tool_choice: fc.oneof(item, value),
    text: value,
    reasoning: value,
    include: value,
    instructions: value,
    stream_options: value,
    user: value,
    echo: value,
  },
  { requiredKeys: ['model', 'input'] },
);

describe('a request of any shape', () => {
  it('is read, or refused with the name of the field', () => {
    fc.assert(
      fc.property(body, (given) => {
        const before = structuredClone(given);
        try {
          const request = surface.readRequest(given, { header: () => undefined });
          surface.writeAnswer({ id: '', model: '', created: 0, choices: [] }, request);
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayError);
          expect((error as GatewayError).param).not.toBeNull();
        }
        expect(given).toEqual(before);
      }),
      { numRuns: 1_000 },
    );
  });
});
