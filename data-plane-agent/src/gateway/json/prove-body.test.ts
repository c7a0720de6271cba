import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../errors/gateway-error.ts';
import { inspectBody } from './inspect-body.ts';
import { parseBody } from './parse-body.ts';
import { proveBody } from './prove-body.ts';

const FIELDS = ['model', 'stream', 'stream_options'];

/** Each spells a key in JSON text, quotes included. */
const SPELLINGS = [
  '"model"',
  '"stream"',
  '"stream_options"',
  '"\\u006dodel"',
  '"m\\u006Fdel"',
  '"Model"',
  '"MODEL"',
  '"mode\u212a"',
  '"\u017ftream"',
  '"\\u017ftream"',
  '"\u017ftream_option\u017f"',
  '"streamOptions"',
  '"stream-options"',
  '"model\\u0000"',
  '"model\\u0000x"',
  '"mo\\u0000del"',
  '" model "',
  '"\\ufeffmodel"',
  '"mod\\ud800el"',
  '"models"',
  '"messages"',
  '"modèle"',
  '"m"',
  '""',
  '"\u{1f600}"',
  '"stream\\/options"',
  '"\\\\model"',
  '"\\"model"',
  '"__proto__"',
];

const space = fc.constantFrom('', ' ', '\n', '\t\r\n ');
const value = fc.oneof(
  fc.constantFrom('"allowed"', '"forbidden"', 'true', 'false', 'null', '9007199254740993', '1e400', '-0.0'),
  fc.constantFrom(
    '{"include_usage":true}',
    '{"include_usage":true,"include_usage":false}',
    '{"include\\u005fusage":true}',
    '[{"model":"forbidden","Model":1}]',
    '"text with \\"model\\": \\"forbidden\\" in it"',
    '"\\\\"',
    '"\\\\\\""',
  ),
  fc.json(),
);
const member = fc.record({ key: fc.constantFrom(...SPELLINGS), value, before: space, after: space });
const document = fc
  .tuple(fc.array(member, { maxLength: 8 }), space)
  .map(
    ([members, outside]) =>
      `${outside}{${members.map((m) => `${m.before}${m.key}${m.after}:${m.before}${m.value}${m.after}`).join(',')}}${outside}`,
  );

type Pairs = [key: string, value: string][];

/** The top-level members in order with duplicates kept, by an independent reader: JSON.parse on ever longer pieces. */
function readPairs(text: string): Pairs {
  const inside = text.trim().slice(1, -1);
  const pairs: Pairs = [];
  let rest = inside.trim();
  while (rest !== '') {
    let end = rest.indexOf(',');
    while (end !== -1 && !parses(`{${rest.slice(0, end)}}`)) end = rest.indexOf(',', end + 1);
    const piece = end === -1 ? rest : rest.slice(0, end);
    const [pair] = Object.entries(JSON.parse(`{${piece}}`) as Record<string, unknown>);
    if (!pair) throw new Error('a piece without a member');
    pairs.push([pair[0], JSON.stringify(pair[1])]);
    rest = end === -1 ? '' : rest.slice(end + 1).trim();
  }
  return pairs;
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Go's folding for these names: ASCII case, the long s and the Kelvin sign. */
const goFold = (key: string) => key.replaceAll('\u017f', 's').replaceAll('\u212a', 'k').toLowerCase();
const untilNul = (key: string) => key.split('\0')[0] ?? '';
const camel = (key: string) => (key === 'streamOptions' ? 'stream_options' : key);
const asTheyAre = (key: string) => key;

/** What several real readers would find in a field. */
const READERS: ((pairs: Pairs, field: string) => string | undefined)[] = [
  asTheyAre,
  goFold,
  untilNul,
  camel,
].flatMap((map) => [
  (pairs: Pairs, field: string) => pairs.find(([key]) => map(key) === field)?.[1],
  (pairs: Pairs, field: string) => pairs.findLast(([key]) => map(key) === field)?.[1],
]);

function expectOneMeaning(text: string, decided: Readonly<Record<string, unknown>>) {
  const pairs = readPairs(text);
  for (const field of FIELDS) {
    const ours = Object.hasOwn(decided, field) ? JSON.stringify(decided[field]) : undefined;
    for (const read of READERS) expect(read(pairs, field)).toBe(ours);
  }
}

describe('promise 10: the decision is about what is sent', () => {
  it('whatever is sent means the same to every reader', () => {
    let sent = 0;
    fc.assert(
      fc.property(document, (text) => {
        const bytes = Buffer.from(text);
        try {
          const parsed = parseBody(bytes, FIELDS);
          expectOneMeaning(parsed.bytes.toString(), parsed.value);
          expect(JSON.parse(parsed.bytes.toString())).toEqual(JSON.parse(text));
          expect(parsed.untouched).toBe(proveBody(bytes, FIELDS));
          sent++;
        } catch (error) {
          if (!(error instanceof GatewayError)) throw error;
          expect(error.code).toBe('ambiguous_key');
        }
      }),
      { numRuns: 3_000 },
    );
    expect(sent).toBeGreaterThan(100);
  });

  it('refuses a body only when a key could be taken for a field', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue(), { noNullPrototype: true }),
        (value) => {
          const ambiguous = Object.keys(value).some((key) => /m.*o.*d.*e.*l|s.*t.*r.*e.*a.*m/isu.test(key));
          fc.pre(!ambiguous);
          expect(proveBody(Buffer.from(JSON.stringify({ model: 'm', ...value })), FIELDS)).toBe(true);
        },
      ),
    );
  });

  it.each([
    ['{"model":"allowed","model":"forbidden"}', 'serialize'],
    ['{"model":"allowed","\\u006dodel":"forbidden"}', 'serialize'],
    ['{"\\u006dodel":"allowed"}', 'serialize'],
    ['{"stream_options":{"include_usage":true,"include_usage":false}}', 'serialize'],
    ['{"model":"allowed","Model":"forbidden"}', 'ambiguous'],
    ['{"model":"allowed","model\\u0000":"forbidden"}', 'ambiguous'],
    ['{"stream":false,"\u017ftream":true}', 'ambiguous'],
    ['{"streamOptions":{}}', 'ambiguous'],
    ['{"model":"allowed","messages":[{"content":"\\"model\\":\\"x\\"","model":1}]}', 'forward'],
    ['{"models":[],"modelX":1,"stre\u00e4m":1}', 'forward'],
    [' {} ', 'forward'],
    [`{"a":${'['.repeat(199)}${']'.repeat(199)}}`, 'forward'],
    [`{"a":${'['.repeat(200)}${']'.repeat(200)}}`, 'too_deep'],
  ])('%s: %s', (text, verdict) => {
    expect(inspectBody(Buffer.from(text), FIELDS)).toBe(verdict);
  });
});
