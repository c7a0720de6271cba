import { expect, it } from 'vitest';
import { readRequest } from './parse.ts';
import { upstreamBody } from './upstream-body.ts';

const read = (text: string) => readRequest(Buffer.from(text), true);

it('forwards the client’s own bytes when nothing changes', () => {
  const parsed = read('{ "model":"m", "seed":12345678901234567890 }');
  expect(upstreamBody(parsed, 'm', false)).toBe(parsed.bytes);
});

it('changes only the model and the option, and keeps every other byte', () => {
  const parsed = read('{ "model" : "m","x":1.0,"stream":true,"stream_options":{"other":1}}');
  expect(upstreamBody(parsed, 'gpt "x"', true).toString()).toBe(
    '{ "model" : "gpt \\"x\\"","x":1.0,"stream":true,"stream_options":{"other":1,"include_usage":true}}',
  );
});

it('adds the option where there was none', () => {
  const body = upstreamBody(read('{"model":"m","stream":true}'), 'm', true);
  expect(JSON.parse(body.toString())).toEqual({
    model: 'm',
    stream: true,
    stream_options: { include_usage: true },
  });
});

it('writes anew what two readers could read differently', () => {
  const body = upstreamBody(read('{"model":"a","model":"b"}'), 'b', false);
  expect(body.toString()).toBe('{"model":"b"}');
});
