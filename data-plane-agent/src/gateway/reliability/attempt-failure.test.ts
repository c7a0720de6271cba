import { describe, expect, test } from 'vitest';
import { failureOfAnswer, withoutSecrets } from './attempt-failure.ts';

const refusal = (words: string) =>
  failureOfAnswer(
    { status: 401, headers: {}, body: Buffer.from(JSON.stringify({ error: { message: words } })) },
    { kind: 'unauthenticated', message: words },
    true,
    0,
  );

describe('withoutSecrets', () => {
  test('keeps the words of a provider that does not quote the credential', () => {
    const failure = refusal('Incorrect API key provided: sk-a***z');
    expect(withoutSecrets(failure, ['sk-abcdefz'])).toBe(failure);
    expect(withoutSecrets(failure, [''])).toBe(failure);
  });

  test('promise 1: drops the words of one that does, and keeps what they meant', () => {
    const failure = refusal('Incorrect API key provided: sk-abcdefz');
    expect(withoutSecrets(failure, ['sk-abcdefz'])).toEqual({
      ...failure,
      answer: undefined,
      error: undefined,
    });
  });
});
