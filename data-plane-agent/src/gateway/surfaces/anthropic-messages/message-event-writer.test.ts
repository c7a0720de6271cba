import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../chat/chat-event.ts';
import { MessageEventWriter } from './message-event-writer.ts';

const choice = 0;
const call = (index: number): ChatEvent => ({
  type: 'tool_call',
  choice,
  call: index,
  id: `c${index}`,
  name: `f${index}`,
});
const piece = (index: number, text: string): ChatEvent => ({
  type: 'tool_arguments',
  choice,
  call: index,
  text,
});
const text = (words: string): ChatEvent => ({ type: 'text', choice, text: words });
const beside: ChatEvent = {
  type: 'other',
  original: { wire: 'openai-chat', value: { index: 0, choice: { content_filter_results: {} } } },
};
const stop: ChatEvent = {
  type: 'stop',
  choice,
  stop: { reason: 'tool_calls', original: { wire: 'openai-chat', value: 'tool_calls' } },
};

interface Sent {
  readonly type: string;
  readonly index?: number;
  readonly content_block?: { readonly id?: string };
  readonly delta?: { readonly partial_json?: string; readonly text?: string };
}

function write(events: readonly ChatEvent[]) {
  const writer = new MessageEventWriter();
  const chunks = [...events.map((event) => writer.write(event)), writer.end()];
  const sent = chunks
    .map(String)
    .join('')
    .matchAll(/^data: (.*)$/gm);
  return { sent: [...sent].map(([, json]) => JSON.parse(json ?? '') as Sent), dropped: writer.dropped };
}

/** What stands in each block; fails where blocks are not one after the other, as the API has them. */
function blocksOf(sent: readonly Sent[]): [string, string][] {
  const blocks: [string, string][] = [];
  let open = -1;
  for (const event of sent) {
    if (event.type === 'content_block_start') {
      expect([open, event.index]).toEqual([-1, blocks.length]);
      open = blocks.push([event.content_block?.id ?? 'text', '']) - 1;
    } else if (event.type === 'content_block_delta') {
      expect(event.index).toBe(open);
      const block = blocks[open];
      if (block) block[1] += event.delta?.partial_json ?? event.delta?.text ?? '';
    } else if (event.type === 'content_block_stop') {
      expect(event.index).toBe(open);
      open = -1;
    }
  }
  expect(open).toBe(-1);
  return blocks;
}

describe('calls whose pieces come mixed', () => {
  it.each<[string, ChatEvent[], [string, string][]]>([
    [
      'both begin before either goes on',
      [call(0), call(1), piece(0, '{"a"'), piece(1, '{"b"'), piece(0, ':1}'), piece(1, ':2}'), stop],
      [
        ['c0', '{"a":1}'],
        ['c1', '{"b":2}'],
      ],
    ],
    [
      'the first has no arguments',
      [call(0), call(1), piece(1, '{}'), stop],
      [
        ['c0', ''],
        ['c1', '{}'],
      ],
    ],
    [
      'what another wire says besides comes between',
      [call(0), call(1), piece(0, '{'), beside, piece(1, '{'), beside, piece(0, '}'), piece(1, '}'), stop],
      [
        ['c0', '{}'],
        ['c1', '{}'],
      ],
    ],
    [
      'words come between',
      [call(0), call(1), piece(1, '{}'), text('so'), piece(0, '{}'), stop],
      [
        ['c0', ''],
        ['c1', '{}'],
        ['text', 'so'],
      ],
    ],
    [
      'one after the other',
      [call(0), piece(0, '{"a":'), piece(0, '1}'), call(1), piece(1, '{}'), stop],
      [
        ['c0', '{"a":1}'],
        ['c1', '{}'],
      ],
    ],
  ])('%s', (_name, events, blocks) => {
    expect(blocksOf(write(events).sent)).toEqual(blocks);
  });

  it('names what came too late', () => {
    expect(write([call(0), text('so'), piece(0, '{}'), stop]).dropped).toEqual(['stream.tool_arguments']);
  });

  it('sends a whole call before the next, at once', () => {
    const writer = new MessageEventWriter();
    for (const event of [call(0), piece(0, '{}')]) expect(writer.write(event)).toBeDefined();
    expect(String(writer.write(call(1)))).toContain('"c1"');
  });

  it('are the same calls, however they are mixed', () => {
    const values = fc.array(fc.json(), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(values, fc.array(fc.nat()), (calls, order) => {
        const texts = calls.map((value) => `{"v":${value}}`);
        const waiting = texts.map((json, index) => [
          call(index),
          ...(json.match(/.{1,3}/gsu) ?? []).map((part) => piece(index, part)),
        ]);
        const events: ChatEvent[] = [];
        // Calls begin in their order, as they do everywhere; their pieces come as they like.
        for (const pick of [...order, ...Array.from({ length: 4_000 }, () => 0)]) {
          const left = waiting.filter((queue) => queue.length > 0);
          const begun = left.filter((queue, at) => at === 0 || queue[0]?.type !== 'tool_call');
          const next = left.find((queue) => queue[0]?.type === 'tool_call');
          const choices = [...new Set([...begun, ...(next ? [next] : [])])];
          const queue = choices[pick % Math.max(choices.length, 1)];
          const event = queue?.shift();
          if (!event) break;
          events.push(event);
        }
        expect(blocksOf(write([...events, stop]).sent)).toEqual(texts.map((json, at) => [`c${at}`, json]));
      }),
      { numRuns: 60 },
    );
  });
});

it('names a citation that it has no form for, and shows one of the web', () => {
  const writer = new MessageEventWriter();
  const original = { wire: 'cohere-chat', value: {} } as const;
  const events: ChatEvent[] = [
    text('so'),
    { type: 'citation', choice, citation: { title: 'a.pdf', original } },
    { type: 'citation', choice, citation: { url: 'https://a.test', original } },
    stop,
  ];
  const sent = [...events.map((event) => writer.write(event)), writer.end()].join('');
  expect(sent.match(/citations_delta/g)).toHaveLength(1);
  expect(sent).toContain('"url":"https://a.test"');
  expect(writer.dropped).toEqual(['stream.citations']);
});
