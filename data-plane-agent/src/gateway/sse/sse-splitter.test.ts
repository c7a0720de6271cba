import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SseEvent } from './sse-event.ts';
import { SseLimitError, SseSplitter } from './sse-splitter.ts';

interface Dispatched {
  data: string;
  event: string;
}

/** The standard's own algorithm, line by line on text, for what a browser would dispatch. */
function reference(text: string): Dispatched[] {
  const events: Dispatched[] = [];
  const lines = text.replace(/^\ufeff/u, '').split(/\r\n|\r|\n/u);
  lines.pop();
  let data = '';
  let event = '';
  for (const line of lines) {
    if (line === '') {
      if (data !== '') events.push({ data: data.slice(0, -1), event: event === '' ? 'message' : event });
      data = '';
      event = '';
      continue;
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?([\s\S]*))?$/u.exec(line) ?? [];
    if (field === 'data') data += `${value}\n`;
    if (field === 'event') event = value;
  }
  return events;
}

const line = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .string({ unit: fc.constantFrom('a', ':', ' ', 'é', '\ufeff', '{') })
      .map((text) => `data: ${text}`),
  },
  fc.constantFrom(
    '',
    '',
    'data',
    'data:',
    'data:x',
    'data:  two',
    ':',
    ': ping',
    'event: e',
    'event:',
    'id: 1',
    'retry: 5',
    'dat: a',
    'datax',
    ' data: no',
  ),
);
const stream = fc
  .tuple(
    fc.constantFrom('', '\ufeff', '\ufeff\n'),
    fc.array(fc.tuple(line, fc.constantFrom('\n', '\n', '\r\n', '\r')), { maxLength: 20 }),
  )
  .map(([mark, lines]) => mark + lines.map(([text, end]) => text + end).join(''));

function split(bytes: Buffer, cuts: readonly number[]): SseEvent[] {
  const splitter = new SseSplitter(10_000);
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const events: SseEvent[] = [];
  let from = 0;
  for (const place of [...places, bytes.length]) {
    events.push(...splitter.push(Buffer.from(bytes.subarray(from, place))));
    from = place;
  }
  return [...events, ...splitter.end()];
}

function readable(events: readonly SseEvent[]) {
  return events.map((one) => ({ ...one, bytes: one.bytes.toString(), data: one.data?.toString() }));
}

describe('SseSplitter', () => {
  it('dispatches what the standard would, wherever chunks are cut, and loses no byte', () => {
    fc.assert(
      fc.property(stream, fc.string(), fc.array(fc.nat(), { maxLength: 30 }), (text, rest, cuts) => {
        const bytes = Buffer.from(text + rest.replaceAll(/[\r\n]/gu, ''));
        const events = readable(split(bytes, cuts));
        expect(events.map((one) => one.bytes).join('')).toBe(bytes.toString());
        expect(events).toEqual(readable(split(bytes, [])));
        const dispatched = events
          .filter((one) => one.complete && one.data !== undefined)
          .map((one) => ({ data: one.data, event: one.event ?? 'message' }));
        expect(dispatched).toEqual(reference(bytes.toString()));
      }),
      { numRuns: 2_000 },
    );
  });

  it('copies nothing when an event lies in one chunk', () => {
    const chunk = Buffer.from('data: {"a":1}\n\ndata: [DONE]\r\n\r\n');
    const events = new SseSplitter(100).push(
      Buffer.concat([chunk, Buffer.from('x')]).subarray(0, chunk.length),
    );
    expect(events.map((one) => one.data?.toString())).toEqual(['{"a":1}', '[DONE]']);
    expect(new Set(events.flatMap((one) => [one.bytes.buffer, one.data?.buffer])).size).toBe(1);
  });

  it('tells keep-alives from events', () => {
    const events = new SseSplitter(100).push(Buffer.from(': ping\n\n\nevent: e\n\n:\ndata: x\n\n'));
    expect(events.map((one) => [one.comment, one.event, one.data?.toString()])).toEqual([
      [true, undefined, undefined],
      [false, undefined, undefined],
      [false, 'e', undefined],
      [false, undefined, 'x'],
    ]);
  });

  it('marks what was left at the end as incomplete', () => {
    const splitter = new SseSplitter(100);
    expect(splitter.push(Buffer.from('data: [DONE]\n'))).toEqual([]);
    expect(readable(splitter.end())).toMatchObject([{ data: '[DONE]', complete: false }]);
    expect(splitter.end()).toEqual([]);
  });

  it('stops at the limit, after the events before it', () => {
    const splitter = new SseSplitter(10);
    expect(splitter.push(Buffer.from('data: a\n\ndata: aaaaaaaaaaaa'))).toHaveLength(1);
    expect(() => splitter.push(Buffer.from('\n\n'))).toThrow(SseLimitError);
    expect(() => splitter.end()).toThrow(SseLimitError);
    expect(() => new SseSplitter(10).push(Buffer.from('data: aaaaaaaa\n\n'))).toThrow(SseLimitError);
  });
});
