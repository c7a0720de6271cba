import { inputTokens, outputTokens } from '@bonito/protocol';
import { describe, expect, it } from 'vitest';
import type { ChatAnswer } from '../../data-plane-agent/src/gateway/chat/chat-answer.ts';
import type { ChatRequest } from '../../data-plane-agent/src/gateway/chat/chat-request.ts';
import { readAnswer } from '../../data-plane-agent/src/gateway/providers/openai-compatible/read-answer.ts';
import { anthropicMessagesSurface } from '../../data-plane-agent/src/gateway/surfaces/anthropic-messages/anthropic-messages-surface.ts';
import { openAiResponsesSurface } from '../../data-plane-agent/src/gateway/surfaces/openai-responses/openai-responses-surface.ts';
import { SERVER_ANSWERS } from './server-answers.ts';
import type { Told } from './server-streams.ts';

const REQUEST: ChatRequest = {
  model: 'm',
  messages: [],
  tools: [],
  sampling: {},
  stream: false,
  includeUsage: false,
};

function tell({ choices, usage }: ChatAnswer): Told {
  const content = choices[0]?.content ?? [];
  const joined = (type: 'text' | 'reasoning') =>
    content.map((part) => (part.type === type && 'text' in part ? part.text : '')).join('');
  const stop = choices[0]?.stop?.reason;
  return {
    text: joined('text'),
    reasoning: joined('reasoning'),
    calls: content.flatMap((part) =>
      part.type === 'tool_call' ? [`${part.id} ${part.name} ${part.arguments}`] : [],
    ),
    citations: content.flatMap((part) =>
      part.type === 'text' ? (part.citations ?? []).flatMap(({ url }) => url ?? []) : [],
    ),
    signatures: content.flatMap((part) =>
      'signature' in part && part.signature ? [part.signature.value] : [],
    ),
    ...(stop !== undefined && { stop }),
    ...(usage && { usage: Object.fromEntries(Object.entries(usage.counts)) }),
  };
}

const NOTHING: Told = { text: '', reasoning: '', calls: [], citations: [], signatures: [] };

describe.each(SERVER_ANSWERS)('$name', ({ body, told, dropped = [] }) => {
  const answer = readAnswer(body);

  it('is read in full, and counted to the last token', () => {
    expect(tell(answer)).toEqual({ ...NOTHING, ...told });
    const counts = answer.usage?.counts ?? {};
    const { prompt_tokens: prompt, total_tokens: total } = body.usage as Record<string, number>;
    expect(inputTokens(counts)).toBe(prompt);
    expect(inputTokens(counts) + outputTokens(counts)).toBe(total);
  });

  it.each([anthropicMessagesSurface, openAiResponsesSurface])(
    'loses nothing unnamed on the surface $wire',
    (surface) => {
      const { value, dropped: named } = surface.writeAnswer(answer, REQUEST);
      const written = JSON.stringify(value);
      for (const name of dropped) expect(named.join(' ')).toContain(name);
      for (const said of [told.text ?? '', told.reasoning ?? '', ...(told.citations ?? [])])
        if (told.text !== 'AB' || said !== 'AB') expect(written).toContain(said);
      for (const call of told.calls ?? []) expect(written).toContain(`"name":"${call.split(' ')[1]}"`);
      // APIs that know blocks refuse an empty one.
      expect(written).not.toContain('"text":""');
    },
  );
});

it('an error that came with status 200 is no answer', () => {
  const body = { error: { code: 429, message: 'm' }, user_id: 'u' };
  expect(() => readAnswer(body)).toThrow(/malformed at/);
});

it.each([
  ['with an error', { error: { code: 429, message: 'slow down' }, message: {}, finish_reason: 'error' }],
  ['by its reason alone', { message: { content: 'H' }, finish_reason: 'error' }],
])('a choice that failed says so: %s', (_name, choice) => {
  const [read] = readAnswer({ choices: [choice] }).choices;
  expect(read?.stop?.reason).toBe('failed');
  if ('error' in choice)
    expect(read?.stop?.error).toMatchObject({ kind: 'rate_limited', message: 'slow down' });
});
