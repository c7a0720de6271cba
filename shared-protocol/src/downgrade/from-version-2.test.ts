import { expect, it } from 'vitest';
import { deploymentsSectionSchema } from '../wire/sections/deployments.ts';
import { fromVersion2 } from './from-version-2.ts';

const deployment = {
  id: '019a0000-0000-7000-8000-000000000001',
  name: 'm',
  provider_id: '019a0000-0000-7000-8000-000000000002',
  upstream_model: 'm',
  family: 'claude',
  price: { revision: 'r', per_million: { input: 1, cache_write: 2, cache_write_1h: 3 } },
  restrictions: [],
};

it('leaves out a figure that version 1 refuses, and nothing else', () => {
  const sections = new Map<string, unknown>([
    ['deployments', { deployments: [deployment] }],
    ['routes', { routes: [] }],
  ]);
  const older = fromVersion2(sections);
  expect(older.get('routes')).toBe(sections.get('routes'));
  const price = { revision: 'r', per_million: { input: 1, cache_write: 2 } };
  expect(older.get('deployments')).toEqual({ deployments: [{ ...deployment, price }] });
  expect(deploymentsSectionSchema.safeParse(older.get('deployments')).success).toBe(true);
  expect(deployment.price.per_million).toHaveProperty('cache_write_1h');
});

it('makes a price unknown that has nothing to say to version 1, rather than zero', () => {
  const priced = (price: object) =>
    fromVersion2(new Map([['deployments', { deployments: [{ ...deployment, price }] }]])).get('deployments');
  const older = (price: object) => ({ deployments: [{ ...deployment, price }] });
  expect(priced({ revision: 'r', per_million: { searches: 1, images: 2 } })).toEqual(
    older({ revision: 'unpriced', per_million: {} }),
  );
  expect(priced({ revision: 'unpriced', per_million: {} })).toEqual(
    older({ revision: 'unpriced', per_million: {} }),
  );
  const variants = [{ tier: 'flex', revision: 'f', per_million: { input: 1 } }];
  expect(priced({ revision: 'r', per_million: { input: 2, characters: 1 }, variants })).toEqual(
    older({ revision: 'r', per_million: { input: 2 } }),
  );
});

it('lets sections pass that it does not know', () => {
  const sections = new Map<string, unknown>([['deployments', 'odd']]);
  expect(fromVersion2(sections)).toBe(sections);
});
