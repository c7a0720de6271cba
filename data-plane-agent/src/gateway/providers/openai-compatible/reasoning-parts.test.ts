import { providerPreset } from '@bonito/protocol';
import { describe, expect, it } from 'vitest';
import type { OutputPart } from '../../chat/chat-content.ts';
import type { ChatRequest } from '../../chat/chat-request.ts';
import { readAnswer } from './read-answer.ts';
import { serverTraits } from './server-traits.ts';
import { writeRequest } from './write-request.ts';

function write(preset: string, content: readonly OutputPart[]) {
  const request: ChatRequest = {
    model: 'm',
    messages: [{ role: 'assistant', content }],
    tools: [],
    sampling: {},
    stream: false,
    includeUsage: false,
  };
  const { value, dropped } = writeRequest(request, 'm', serverTraits(providerPreset(preset)));
  const [message] = value.messages as unknown[];
  return { message, dropped };
}

const TEXT = { type: 'text', text: '4' } as const;

describe('reasoning as a part of the content', () => {
  it.each<[string, string, OutputPart[], unknown, string[]]>([
    [
      'Mistral: as it came',
      'mistral',
      [{ type: 'reasoning', text: 'Hm' }, TEXT],
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }], closed: true },
          { type: 'text', text: '4' },
        ],
      },
      [],
    ],
    [
      'Mistral: beside calls alone',
      'mistral',
      [
        { type: 'reasoning', text: 'Hm' },
        { type: 'tool_call', id: 'abcdefghi', name: 'f', arguments: '' },
      ],
      { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }], closed: true }] },
      [],
    ],
    [
      'Mistral: what only another provider can read',
      'mistral',
      [{ type: 'reasoning', text: '', encrypted: { value: 'e' } }, TEXT],
      { content: [{ type: 'text', text: '4' }] },
      ['messages[0].reasoning.encrypted'],
    ],
    ['none: one text stays a text', 'mistral', [TEXT], { content: '4' }, []],
    [
      'Databricks: with its state',
      'databricks',
      [
        { type: 'reasoning', text: 'Hm', signature: { value: 's' } },
        { type: 'reasoning', text: '', encrypted: { value: 'e' } },
        TEXT,
      ],
      {
        content: [
          { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm', signature: 's' }] },
          { type: 'reasoning', summary: [{ type: 'summary_encrypted_text', data: 'e' }] },
          { type: 'text', text: '4' },
        ],
      },
      [],
    ],
    [
      'Databricks: without the proof that it is its own',
      'databricks',
      [{ type: 'reasoning', text: 'Hm' }, TEXT],
      { content: [{ type: 'text', text: '4' }] },
      ['messages[0].reasoning'],
    ],
  ])('%s', (_name, preset, content, message, dropped) => {
    const written = write(preset, content);
    expect(written.message).toMatchObject(message as object);
    expect(written.dropped).toEqual(dropped);
  });

  it('comes back as it was read', () => {
    const content = [
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm', signature: 's' }] },
      { type: 'text', text: '4' },
    ];
    const body = { choices: [{ message: { role: 'assistant', content }, finish_reason: 'stop' }] };
    const [choice] = readAnswer(body).choices;
    expect(write('databricks', choice?.content ?? []).message).toMatchObject({ content });
  });
});
