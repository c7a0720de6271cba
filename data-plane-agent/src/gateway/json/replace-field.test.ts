import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editTopLevel, replaceTopLevelString } from './replace-field.ts';

const text = fc.string({ unit: 'binary' });
const object = fc.dictionary(fc.oneof(text, fc.constantFrom('model', 'stream_options')), fc.jsonValue(), {
  noNullPrototype: true,
});

describe('editTopLevel', () => {
  it('does what parsing, setting and writing would', () => {
    fc.assert(
      fc.property(
        object,
        text,
        fc.jsonValue(),
        fc.constantFrom(0, 1, '\t'),
        (body, model, options, indent) => {
          const bytes = Buffer.from(` ${JSON.stringify(body, null, indent)}\n`);
          const edited = editTopLevel(bytes, [
            { field: 'model', json: JSON.stringify(model) },
            { field: 'stream_options', json: JSON.stringify(options) },
          ]);
          const expected = { ...JSON.parse(JSON.stringify(body)), model, stream_options: options };
          expect(JSON.parse(edited.toString())).toEqual(JSON.parse(JSON.stringify(expected)));
        },
      ),
    );
  });

  it('leaves every other byte as it was', () => {
    const bytes = Buffer.from(
      '{ "n": 9007199254740993, "model" : "old" , "x":{"model":"old"}, "s":"\\u00e9" }',
    );
    expect(replaceTopLevelString(bytes, 'model', 'new "name"').toString()).toBe(
      '{ "n": 9007199254740993, "model" : "new \\"name\\"" , "x":{"model":"old"}, "s":"\\u00e9" }',
    );
  });

  it('puts what is missing in front', () => {
    expect(editTopLevel(Buffer.from('{"a":1}'), [{ field: 'b', json: '2' }]).toString()).toBe(
      '{"b":2,"a":1}',
    );
    expect(editTopLevel(Buffer.from('{ }'), [{ field: 'b', json: '2' }]).toString()).toBe('{"b":2 }');
  });

  it('refuses what is no object', () => {
    for (const bytes of ['[]', '', '{"a":1', '"model"']) {
      expect(() => replaceTopLevelString(Buffer.from(bytes), 'model', 'm')).toThrow(TypeError);
    }
  });
});
