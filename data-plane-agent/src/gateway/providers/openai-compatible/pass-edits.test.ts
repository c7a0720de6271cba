import { providerPreset } from '@bonito/protocol';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../chat/wire.ts';
import { passEdits } from './pass-edits.ts';
import { serverTraits } from './server-traits.ts';

function edits(preset: string, body: JsonObject) {
  const input = { body: { model: 'm', ...body }, stream: false, header: () => undefined };
  return passEdits(input, 'm', serverTraits(providerPreset(preset)), false).edits;
}

const DEVELOPER = { role: 'developer', content: 'Be brief.' };
const USER = { role: 'user', content: 'Hi' };
const ANSWER = { role: 'tool', tool_call_id: 'abcDEF123', content: '1' };
const CALL = { id: 'call_from_elsewhere', type: 'function', function: { name: 'f', arguments: '{}' } };

describe('passEdits', () => {
  it.each<[string, string, JsonObject, JsonObject]>([
    ['the older name of the limit', 'mistral', { max_completion_tokens: 5 }, { max_tokens: 5 }],
    ['a server that knows both', 'groq', { max_completion_tokens: 5 }, {}],
    [
      'models of OpenAI elsewhere, which need the newer name',
      'github-models',
      { max_completion_tokens: 5 },
      {},
    ],
    ['both names', 'mistral', { max_completion_tokens: 5, max_tokens: 6 }, {}],
    ['a server of which nothing is known', 'generic', { max_completion_tokens: 5, seed: 1 }, {}],
    ["Mistral's name of the seed", 'mistral', { seed: 7 }, { random_seed: 7 }],
    [
      'instructions of a developer',
      'deepseek',
      { messages: [DEVELOPER, USER] },
      { messages: [{ ...DEVELOPER, role: 'system' }, USER] },
    ],
    ['the same at OpenAI', 'openai', { messages: [DEVELOPER, USER] }, {}],
    ['messages that suit', 'deepseek', { messages: [USER] }, {}],
    [
      'words of a user right after an answer of a tool',
      'mistral',
      { messages: [ANSWER, USER] },
      { messages: [ANSWER, { role: 'assistant', content: 'OK.' }, USER] },
    ],
    ['the same elsewhere', 'groq', { messages: [ANSWER, USER] }, {}],
    ['messages that are none', 'deepseek', { messages: [null, 'a'] }, {}],
  ])('%s', (_name, preset, body, expected) => {
    // Members that are undefined are taken out.
    expect(JSON.parse(JSON.stringify(edits(preset, body)))).toEqual(expected);
  });

  it('takes the name out that the server does not know', () => {
    const found = edits('mistral', { max_completion_tokens: 5, seed: 7 });
    expect(Object.keys(found).sort()).toEqual(['max_completion_tokens', 'max_tokens', 'random_seed', 'seed']);
  });

  it('puts reasoning of elsewhere where the server has its own, and takes out what only answers have', () => {
    const said = { role: 'assistant', content: 'a', refusal: null, annotations: [], reasoning_content: 'r' };
    const input = (messages: JsonObject[]) => ({
      body: { model: 'm', messages },
      stream: false,
      header: () => undefined,
    });
    const pass = (preset: string, ...messages: JsonObject[]) =>
      passEdits(input(messages), 'm', serverTraits(providerPreset(preset)), false);
    expect(pass('groq', USER, said)).toEqual({
      edits: { messages: [USER, { role: 'assistant', content: 'a', reasoning: 'r' }] },
      dropped: [],
    });
    expect(pass('mistral', USER, { ...said, reasoning: 'r' })).toEqual({
      edits: {
        messages: [
          USER,
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: [{ type: 'text', text: 'r' }], closed: true },
              { type: 'text', text: 'a' },
            ],
          },
        ],
      },
      dropped: [],
    });
    expect(pass('cerebras', { role: 'assistant', content: null, refusal: 'No.' })).toEqual({
      edits: { messages: [{ role: 'assistant', content: 'No.' }] },
      dropped: ['messages[0].refusal'],
    });
    const details = [{ type: 'reasoning.text', text: 'r' }];
    expect(pass('groq', { ...said, reasoning_details: details }).dropped).toEqual([]);
    const signed = [{ type: 'reasoning.text', text: 'r', signature: 's' }];
    expect(pass('groq', { ...said, reasoning_details: signed }).dropped).toEqual([
      'messages[0].reasoning_details',
    ]);
    expect(pass('openai', USER, said)).toEqual({ edits: {}, dropped: [] });
    expect(pass('groq', { role: 'assistant', content: 'a', reasoning: 'r' }).edits).toEqual({});
  });

  it('gives calls of another provider ids that Mistral takes, the same each time', () => {
    const messages = [
      USER,
      { role: 'assistant', content: '', tool_calls: [CALL, { ...CALL, id: 'abcDEF123' }] },
      { role: 'tool', tool_call_id: CALL.id, content: '1' },
      { role: 'tool', tool_call_id: 'abcDEF123', content: '2' },
    ];
    const found = JSON.stringify(edits('mistral', { messages }));
    const ids = [...found.matchAll(/"(?:id|tool_call_id)":"([^"]+)"/g)].map((match) => match[1]);
    expect(ids).toEqual([ids[0], 'abcDEF123', ids[0], 'abcDEF123']);
    expect(ids[0]).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(JSON.stringify(edits('mistral', { messages }))).toBe(found);
    expect(edits('mistral', { messages: [messages[3]] })).toEqual({});
  });
});
