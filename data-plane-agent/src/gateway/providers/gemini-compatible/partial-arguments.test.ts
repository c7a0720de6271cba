import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import { PartialArguments } from './partial-arguments.ts';

function collect(pieces: readonly unknown[]): unknown {
  const made = new PartialArguments();
  for (const piece of pieces) made.add(piece);
  return JSON.parse(made.text());
}

describe('PartialArguments', () => {
  it('puts values to their places, and texts together', () => {
    const list = (at: number, name: string) => `$.orders[${at}].${name}`;
    expect(
      collect([
        { jsonPath: list(0, 'dish'), stringValue: 'Sou', willContinue: true },
        { jsonPath: list(0, 'dish'), stringValue: 'p', willContinue: true },
        { jsonPath: list(0, 'dish'), stringValue: '' },
        { jsonPath: list(0, 'count'), numberValue: 2.5 },
        { jsonPath: list(1, 'hot'), boolValue: false },
        { jsonPath: "$['a.b'][0][0]", nullValue: 'NULL_VALUE' },
        { jsonPath: '$["__proto__"]', stringValue: 'harmless' },
      ]),
    ).toEqual(
      JSON.parse(
        '{"orders":[{"dish":"Soup","count":2.5},{"hot":false}],"a.b":[[null]],"__proto__":"harmless"}',
      ),
    );
  });

  it('is an empty object without any', () => expect(collect([])).toEqual({}));

  it.each([{}, { jsonPath: '$' }, { jsonPath: '$.a[99999]', numberValue: 1 }, { jsonPath: '$a..b' }, null])(
    'refuses %j',
    (piece) => expect(() => collect([piece])).toThrow(MalformedAnswerError),
  );

  it('gives back any object whose values come in order', () => {
    const name = fc.string({ minLength: 1 });
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.string(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { minLength: 1, maxLength: 3 }),
        fc.dictionary(name, tie('value'), { minKeys: 1, maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(name, value, { minKeys: 1, maxKeys: 3 }), (object) => {
        expect(collect(piecesOf(object, '$'))).toEqual(JSON.parse(JSON.stringify(object)));
      }),
    );
  });
});

function piecesOf(value: unknown, path: string): object[] {
  if (Array.isArray(value)) return value.flatMap((one, at) => piecesOf(one, `${path}[${at}]`));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, one]) =>
      piecesOf(one, `${path}['${name.replace(/[\\']/g, '\\$&')}']`),
    );
  }
  if (typeof value === 'number') return [{ jsonPath: path, numberValue: value }];
  if (typeof value === 'boolean') return [{ jsonPath: path, boolValue: value }];
  if (typeof value !== 'string') return [{ jsonPath: path, nullValue: 'NULL_VALUE' }];
  const half = Math.floor(value.length / 2);
  return [
    { jsonPath: path, stringValue: value.slice(0, half), willContinue: true },
    { jsonPath: path, stringValue: value.slice(half) },
  ];
}
