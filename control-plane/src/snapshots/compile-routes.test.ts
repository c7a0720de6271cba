import { newId, routesSectionSchema } from '@bonito/protocol';
import { expect, it } from 'vitest';
import { compileRoutes } from './compile-sections.ts';

const row = { name: 'best', strategy: 'failover', strict: false, foreign_state: 'shed' };

it('writes what a route does with what a target cannot take or did not issue, where that is not the usual', () => {
  const targets = [newId()];
  const rows = [
    { ...row, id: newId(1), targets },
    { ...row, id: newId(2), name: 'careful', strict: true, foreign_state: 'error', targets },
    { ...row, id: newId(3), name: 'empty', targets: [] },
  ];
  const { routes } = routesSectionSchema.parse(compileRoutes(rows));
  expect(routes.map(({ name, strict, foreign_state }) => [name, strict, foreign_state])).toEqual([
    ['best', undefined, undefined],
    ['careful', true, 'error'],
  ]);
});
