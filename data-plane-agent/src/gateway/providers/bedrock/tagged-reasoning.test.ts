import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chatRequest } from './fixtures/chat-request.ts';
import { openAiOnBedrock } from './openai-on-bedrock.ts';

const call = { id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } };
const answer = (message: object) => ({
  id: 'a',
  model: 'm',
  created: 1,
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' }],
});

describe('reasoning that stands between marks in the text', () => {
  it.each<[string, object, object[]]>([
    [
      'before an answer',
      { content: '<reasoning>Hm.</reasoning>Fine.' },
      [
        { type: 'reasoning', text: 'Hm.' },
        { type: 'text', text: 'Fine.' },
      ],
    ],
    [
      'before a call',
      { content: '<reasoning>Hm.</reasoning>', tool_calls: [call] },
      [{ type: 'reasoning', text: 'Hm.' }, { type: 'tool_call' }],
    ],
    ['that was cut off', { content: '<reasoning>Hm' }, [{ type: 'reasoning', text: 'Hm' }]],
    ['not at the beginning', { content: 'Say <reasoning>.' }, [{ type: 'text', text: 'Say <reasoning>.' }]],
    ['nowhere', { content: 'Fine.' }, [{ type: 'text', text: 'Fine.' }]],
  ])('is found %s', (_name, message, content) => {
    expect(openAiOnBedrock.readAnswer(answer(message), chatRequest({})).choices[0]?.content).toMatchObject(
      content,
    );
  });

  it('is found in a stream, however its pieces are cut', () => {
    const sample = fc.constantFrom(
      ['<reasoning>a < b </reason</reasoning>\n\nSo </reasoning>', 'a < b </reason', '\n\nSo </reasoning>'],
      ['<reasoning>only', 'only', ''],
      ['<reason', '', '<reason'],
      ['<reasoning>cut</reas', 'cut</reas', ''],
      ['plain <reasoning>', '', 'plain <reasoning>'],
    );
    fc.assert(
      fc.property(sample, fc.array(fc.nat(40), { maxLength: 6 }), ([whole = '', thought, said], cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
        const pieces = places.slice(1).map((end, index) => whole.slice(places[index], end));
        const reader = openAiOnBedrock.eventReader(chatRequest({ stream: true }));
        const deltas = [...pieces.map((content) => [{ content }, null] as const), [{}, 'stop'] as const];
        const events = deltas.flatMap(([delta, finish_reason]) => {
          const chunk = { id: 'a', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason }] };
          return reader.read({
            event: undefined,
            exception: false,
            data: Buffer.from(JSON.stringify(chunk)),
          });
        });
        const all = (type: string) =>
          events.map((event) => (event.type === type && 'text' in event ? event.text : '')).join('');
        expect([all('reasoning'), all('text')]).toEqual([thought, said]);
        expect(events.findLastIndex(({ type }) => type === 'text')).toBeLessThan(
          events.findIndex(({ type }) => type === 'stop'),
        );
      }),
    );
  });
});
