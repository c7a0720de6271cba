import { describe, expect, it } from 'vitest';
import type { ChatEvent } from './chat-event.ts';
import {
  CustomCallUnwrapper,
  restoreCustomCall,
  unwrapCustomInput,
  wrapCustomInput,
} from './custom-tools.ts';

const NAMES = new Set(['patch']);

describe('the text of a custom call', () => {
  it.each(['', '*** Begin\n"x"', 'Grüße'])('comes back out of a function: %j', (text) => {
    expect(unwrapCustomInput(wrapCustomInput(text))).toBe(text);
    const call = { type: 'tool_call', id: 'c', name: 'patch', arguments: wrapCustomInput(text) } as const;
    expect(restoreCustomCall(call, NAMES)).toEqual({ ...call, custom: true, arguments: text });
  });

  it.each(['free text', '{"other":1}', '{'])(
    'stays as it is where a model did not keep to the form: %s',
    (text) => {
      expect(unwrapCustomInput(text)).toBe(text);
    },
  );
});

describe('CustomCallUnwrapper', () => {
  const choice = 0;
  const call = (index: number, name: string): ChatEvent => ({
    type: 'tool_call',
    choice,
    call: index,
    id: `c${index}`,
    name,
  });
  const text = (index: number, piece: string): ChatEvent => ({
    type: 'tool_arguments',
    choice,
    call: index,
    text: piece,
  });
  const stop: ChatEvent = {
    type: 'stop',
    choice,
    stop: { reason: 'tool_calls', original: { wire: 'openai-chat', value: 'tool_calls' } },
  };

  it.each<[string, ChatEvent]>([
    ['the end', stop],
    ['text', { type: 'text', choice, text: 'and' }],
    ['another call', call(1, 'shell')],
    ['a thought', { type: 'reasoning', choice, text: 'hm' }],
  ])('gives the text when the call is whole, before %s', (_name, next) => {
    const unwrapper = new CustomCallUnwrapper(NAMES);
    const begun = call(0, 'patch');
    const events = [begun, text(0, '{"inp'), text(0, 'ut":"x"}'), next].flatMap((event) =>
      unwrapper.take(event),
    );
    expect(events).toEqual([{ ...begun, custom: true }, text(0, 'x'), next]);
  });

  it('lets functions pass piece by piece', () => {
    const unwrapper = new CustomCallUnwrapper(NAMES);
    for (const event of [call(0, 'shell'), text(0, '{"a'), stop])
      expect(unwrapper.take(event)).toEqual([event]);
  });
});
