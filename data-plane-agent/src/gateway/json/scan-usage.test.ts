import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanUsage } from './scan-usage.ts';

const planted = fc.constantFrom(
  '"usage":{"prompt_tokens":1}',
  ',"usage":1}',
  '\\"usage\\":1}',
  '\\',
  '\\\\"usage"',
  '"usage"',
  'usage',
  '}',
  '{"usage":2}',
);
const key = fc.oneof(
  { weight: 3, arbitrary: fc.constant('"usage"') },
  fc.constantFrom(
    '"\\u0075sage"',
    '"u\\u0073age"',
    '"Usage"',
    '"\\"usage"',
    '"usage\\\\"',
    '"choices"',
    // Not "\\u00e9": of two such keys JSON.parse takes the first or the last, depending on what surrounds them.
    '"é"',
  ),
  planted.map((text) => JSON.stringify(text)),
);
const json = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      planted.map((text) => JSON.stringify(text)),
      fc.constantFrom('null', '0', '-1.5e3', 'true', '"usage"', '{}', '[]', '"\\u0075sage"'),
      fc.string({ unit: 'binary', minLength: 60, maxLength: 150 }).map((text) => JSON.stringify(text)),
    ),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(' ,')}]`),
    tie('object'),
  ),
  object: fc
    .array(fc.tuple(key, tie('value'), fc.constantFrom('', ' ', '\n')), { maxLength: 5 })
    .map(
      (members) =>
        `{${members.map(([name, value, gap]) => `${gap}${name}${gap}:${gap}${value}${gap}`).join(',')}}`,
    ),
}));

function reference(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, 'usage') ? (value as { usage: unknown }).usage : undefined;
}

describe('scanUsage', () => {
  it('agrees with JSON.parse on every valid document', () => {
    let found = 0;
    fc.assert(
      fc.property(fc.oneof({ weight: 5, arbitrary: json.object }, json.value), (text) => {
        const expected = reference(text);
        if (expected !== undefined) found++;
        expect(scanUsage(Buffer.from(` ${text}\n`))).toEqual(expected);
      }),
      { numRuns: 5_000 },
    );
    expect(found).toBeGreaterThan(500);
  });

  it('finds nothing in a document that breaks off, unless its rest ends as a whole object would', () => {
    fc.assert(
      fc.property(json.object, fc.nat(), (text, cut) => {
        const bytes = Buffer.from(text);
        const part = bytes.subarray(0, cut % bytes.length);
        fc.pre(!part.toString().trimEnd().endsWith('}'));
        expect(scanUsage(part)).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds nothing in bytes that open no object', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), planted, (noise, text) => {
        const bytes = Buffer.concat([noise, Buffer.from(text)]);
        fc.pre(!bytes.toString('latin1').trimStart().startsWith('{'));
        expect(scanUsage(bytes)).toBeUndefined();
      }),
    );
  });

  it('does not read what stands before, and throws at nothing', () => {
    expect(scanUsage(Buffer.from('{,"usage":1}'))).toBe(1);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), planted, (noise, text) => {
        const bytes = Buffer.concat([Buffer.from('{'), noise, Buffer.from(text)]);
        expect([undefined, 1, 2]).toContain(scanUsage(bytes));
      }),
    );
  });

  it('stays linear where the word was planted many times', () => {
    const many = Buffer.from(
      `{"usage":7,"x":[${'{"usage":1},'.repeat(20_000)}0],"y":"${'\\"usage\\":'.repeat(20_000)}"}`,
    );
    expect(scanUsage(many)).toBe(7);
  });
});
