import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SseFrameSplitter } from './sse-frame-splitter.ts';

const ERROR = { error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } };

function datasOf(text: string, cuts: readonly number[] = []): string[] {
  const bytes = Buffer.from(text);
  const splitter = new SseFrameSplitter(10_000);
  const at = [0, ...[...cuts].sort((one, other) => one - other), bytes.length];
  const frames = at.slice(1).flatMap((end, index) => splitter.push(bytes.subarray(at[index], end)));
  return [...frames, ...splitter.end()].map(({ data }) => data.toString());
}

it.each([
  ['at the end', `data: {"a":1}\r\n\r\n${JSON.stringify(ERROR, null, 2)}\r\n`],
  ['with a blank line', `data: {"a":1}\n\n${JSON.stringify(ERROR, null, 2)}\n\n`],
])('finds an error that stands in no event %s, wherever it is cut', (_name, text) => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(text.length), { maxLength: 6 }), (cuts) => {
      expect(datasOf(text, cuts)).toEqual(['{"a":1}', JSON.stringify(ERROR)]);
    }),
  );
});

it.each([
  ['a comment', ': "error"\n\n', ['']],
  ['an error that was cut off', '{"error":{"code"', []],
  ['an event that was cut off', 'data: {"error":1}', []],
  ['something else', '{"usage":1}\n', []],
])('finds none in %s', (_name, text, datas) => {
  expect(datasOf(text)).toEqual(datas);
});
