import { describe, expect, it } from 'vitest';
import { functionParameters } from './function-parameters.ts';

describe('functionParameters', () => {
  const none = { type: 'object', properties: {} };
  it.each([
    [{ type: 'object' }, none],
    [{}, none],
    [{ type: 'object', properties: null }, none],
    [
      { $schema: 'x', type: 'object', additionalProperties: false },
      { $schema: 'x', additionalProperties: false, ...none },
    ],
  ])('names no properties where there are none: %j', (parameters, expected) => {
    expect(functionParameters(parameters)).toEqual(expected);
  });

  it.each([
    { type: 'object', properties: { a: { type: 'object' } } },
    { properties: {} },
    { type: 'string' },
    { type: ['object', 'null'] },
  ])('leaves %j alone', (parameters) => {
    expect(functionParameters(parameters)).toBe(parameters);
  });
});
