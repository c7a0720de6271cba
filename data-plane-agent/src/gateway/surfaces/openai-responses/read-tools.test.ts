import { expect, it } from 'vitest';
import { readTools } from './read-tools.ts';

const tool = (name: string) => ({ type: 'function', name, parameters: { type: 'object' } });
const group = (name: string, ...tools: object[]) => ({ type: 'namespace', name, description: '', tools });

it.each([
  ['a tool and one of a group', [tool('a__b'), group('a', tool('b'))]],
  ['two groups', [group('a', tool('b__c')), group('a__b', tool('c'))]],
])('refuses %s that would have one name where there are no groups', (_what, tools) => {
  expect(() => readTools({ tools })).toThrowError(
    expect.objectContaining({ code: 'unsupported_parameter', param: 'tools' }),
  );
});

it('takes tools of one name in different groups, and a tool that comes again in an item', () => {
  const tools = [tool('b'), group('a', tool('b')), group('c', tool('b'))];
  const input = [{ type: 'additional_tools', tools: [group('a', tool('b'))] }];
  expect(readTools({ tools, input })).toHaveLength(3);
});
