import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFaults, UnknownFaultError } from './fault-grammar.ts';

describe('parseFaults', () => {
  it.each([
    ['plain', {}],
    ['status-503', { status: 503 }],
    ['status-429-retry-after-2', { status: 429, retryAfterSeconds: 2 }],
    ['html-502', { status: 502, htmlError: true }],
    ['slow-first-byte-3000', { firstByteMilliseconds: 3000 }],
    ['slow-first-event-20', { firstEventMilliseconds: 20 }],
    ['cut-after-5', { cutAfter: 5 }],
    ['malformed-chunk-3', { malformedChunk: 3 }],
    ['huge-1048576', { hugeBytes: 1_048_576 }],
    ['usage-12-34', { usage: { input: 12, output: 34 } }],
  ])('reads %s', (text, behaviour) => {
    expect(parseFaults(text)).toEqual([{ text, behaviour }]);
  });

  it('reads several, with limits and identities', () => {
    expect(parseFaults('status-500;times=2;id=a.b-1, echo')).toEqual([
      { text: 'status-500;times=2;id=a.b-1', behaviour: { status: 500 }, times: 2 },
      { text: 'echo', behaviour: { echo: true } },
    ]);
  });

  it.each([
    '',
    'status',
    'status-',
    'status-200',
    'status-999',
    'status-4x',
    'huge-99999999999',
    'echo;times=',
    'echo;id=a b',
    'echo,',
    'cut-after--1',
    'ECHO',
  ])('refuses "%s"', (text) => {
    expect(() => parseFaults(text)).toThrow(UnknownFaultError);
  });

  it('answers any text with faults or its own error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9,;=-]{0,40}$/)), (text) => {
        try {
          expect(parseFaults(text).map((fault) => fault.text)).toEqual(
            text.split(',').map((part) => part.trim()),
          );
        } catch (error) {
          expect(error).toBeInstanceOf(UnknownFaultError);
        }
      }),
    );
  });
});
