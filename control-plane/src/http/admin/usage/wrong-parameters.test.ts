import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OpenDatabase, openDatabase } from '../../../db/open-database.ts';
import { createTestApp, type Tenant, type TestApp } from '../../../testing/test-app.ts';

let open: OpenDatabase;
let app: TestApp;
let tenant: Tenant;
beforeAll(async () => {
  open = await openDatabase({ kind: 'pglite' });
  app = createTestApp(open.database);
  tenant = await app.createTenant();
});
afterAll(() => open.close());

const MOMENTS = [
  'yesterday',
  '2026-02-30',
  '2026-11-21T08:00',
  '2026-11-21T08:00:00+01:00',
  '0000-01-01',
  '9999-12-31',
];
const WRONG: [path: string, parameter: string, values: string[]][] = [
  ['/api/gateway/usage', 'group_by', ['week', '', 'day,day', 'day;model']],
  ['/api/gateway/usage', 'from', [...MOMENTS, '2020-01-01']],
  ['/api/gateway/usage', 'to', MOMENTS],
  ['/api/gateway/usage', 'key_id', ['x', '']],
  ['/api/gateway/usage', 'limit', ['0', '-1', '1.5', 'many', '5001', '']],
  ['/api/gateway/usage', 'cursor', ['x', '', '1', 'WyJhIiwiYiJd']],
  ['/api/gateway/logs', 'status', ['failed', '', 'SUCCESS']],
  ['/api/gateway/logs', 'from', MOMENTS],
  ['/api/gateway/logs', 'to', MOMENTS],
  ['/api/gateway/logs', 'key_id', ['x', '']],
  ['/api/gateway/logs', 'request_id', ['x', '']],
  ['/api/gateway/logs', 'model', ['x'.repeat(201)]],
  ['/api/gateway/logs', 'provider', ['x'.repeat(201)]],
  ['/api/gateway/logs', 'limit', ['0', '-1', '1.5', 'many', '201', '']],
  ['/api/gateway/logs', 'cursor', ['x', '', 'MTIz']],
];

it.each(WRONG)('%s says which parameter is wrong: %s', async (path, parameter, values) => {
  for (const value of values) {
    const { status, body } = await tenant.call(
      'GET',
      `${path}?${new URLSearchParams({ [parameter]: value })}`,
    );
    expect([value, status, body.code]).toEqual([value, 422, 'invalid_request']);
    expect([value, body.errors[0].path.split('[')[0]]).toEqual([value, parameter]);
    expect(body.detail).toContain(parameter);
  }
});

it.each(['/api/gateway/usage', '/api/gateway/logs'])(
  '%s refuses a span that ends before it begins',
  async (path) => {
    const { status, body } = await tenant.call('GET', `${path}?from=2026-11-22&to=2026-11-21`);
    expect([status, body.errors[0].path]).toEqual([422, 'from']);
  },
);

it.each(['/api/gateway/usage', '/api/gateway/logs'])(
  '%s names a parameter that it does not know',
  async (path) => {
    const { status, body } = await tenant.call('GET', `${path}?modell=x`);
    expect([status, body.detail]).toEqual([422, expect.stringContaining('modell')]);
  },
);

it('meets nothing unexpected in all of this', () => expect(app.unexpected).toEqual([]));
