import { problemSchema } from '@bonito/protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../db/transactions.ts';
import { describeOnEachDatabase } from '../testing/each-database.ts';
import { createTestApp, type Tenant, type TestApp } from '../testing/test-app.ts';

describeOnEachDatabase('refusals of the admin API', (suite) => {
  let app: TestApp;
  let tenant: Tenant;
  beforeAll(async () => {
    app = createTestApp(suite.open.database);
    tenant = await app.createTenant();
  });

  it.each([
    ['an address that is none', 'GET', '/api/nothing', undefined, 404, 'no_such_address'],
    ['an id that is none', 'GET', '/api/providers/x', undefined, 404, 'not_found'],
    [
      'an id in upper case',
      'GET',
      '/api/providers/0197A2B4-0000-7000-8000-000000000000',
      undefined,
      404,
      'not_found',
    ],
    ['a method that the address does not take', 'PUT', '/api/providers', '{}', 405, 'method_not_allowed'],
    ['JSON that is none', 'POST', '/api/providers', '{"name":', 400, 'malformed_json'],
    ['no body', 'POST', '/api/providers', undefined, 422, 'invalid_request'],
    ['a list in place of an object', 'POST', '/api/providers', '[]', 422, 'invalid_request'],
    ['null', 'POST', '/api/providers', 'null', 422, 'invalid_request'],
    ['a wrong type', 'POST', '/api/gateway/keys', '{"name":1}', 422, 'invalid_request'],
    ['an unknown field', 'POST', '/api/gateway/keys', '{"name":"a","nmae":"b"}', 422, 'invalid_request'],
    ['a body where none belongs', 'GET', '/api/providers', undefined, 200, undefined],
    ['a key with too many tags', 'POST', '/api/gateway/keys', manyTags(), 422, 'invalid_request'],
    [
      'a body over 1 MB',
      'POST',
      '/api/gateway/keys',
      `{"name":"${'x'.repeat(1024 * 1024)}"}`,
      413,
      'body_too_large',
    ],
  ])('%s', async (_, method, path, rawBody, status, code) => {
    const answer = await app.call(method, path, {
      token: tenant.token,
      ...(rawBody !== undefined && { rawBody }),
    });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    if (!code) return;
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    const problem = problemSchema.strict().parse(answer.body);
    expect(problem).toMatchObject({ status, type: `urn:bonito:problem:${code}` });
    expect(problem.request_id).toBe(answer.headers.get('x-request-id'));
    expect(problem.detail.length).toBeGreaterThan(10);
  });

  it('names the methods that an address takes', async () => {
    const answer = await tenant.call('PUT', '/api/providers/00000000-0000-4000-8000-000000000000');
    expect(answer.headers.get('allow')).toBe('DELETE, GET, PATCH');
  });

  it('says where the input is wrong', async () => {
    const answer = await tenant.call('POST', '/api/deployments', {
      name: 'a b',
      price: { input: 'x' },
      more: 1,
    });
    const paths = answer.body.errors.map((error: { path: string }) => error.path);
    expect(paths).toEqual(
      expect.arrayContaining(['name', 'provider_id', 'upstream_model', 'price.input', '']),
    );
  });

  it('takes JSON only', async () => {
    const answer = await app.call('POST', '/api/providers', {
      token: tenant.token,
      rawBody: '{}',
      headers: { 'content-type': 'text/plain' },
    });
    expect(answer.body).toMatchObject({ status: 415, code: 'unsupported_media_type' });
  });

  it.each([
    ['NUL', '{"name":"p","upstream_model":"a\\u0000b"}'],
    ['half of a surrogate pair', '{"name":"k","tags":{"a":"\\ud800"}}'],
    ['NUL in the name of a field', '{"\\u0000":1}'],
    ['endless nesting', '['.repeat(400_000) + ']'.repeat(400_000)],
  ])('refuses text that cannot be stored: %s', async (_, rawBody) => {
    for (const path of ['/api/gateway/keys', '/api/deployments']) {
      const answer = await app.call('POST', path, { token: tenant.token, rawBody });
      expect([answer.status, answer.body.code]).toEqual([400, 'malformed_json']);
    }
  });

  it('refuses a query that cannot be looked for', async () => {
    const answer = await tenant.call('GET', '/api/gateway/keys?cursor=%00');
    expect(answer.body).toMatchObject({ status: 422, code: 'invalid_request' });
  });

  it('keeps a request id that the client sent, and makes one otherwise', async () => {
    const sent = await app.call('GET', '/api/nothing', { headers: { 'x-request-id': 'mine-1' } });
    expect(sent.body.request_id).toBe('mine-1');
    const odd = await app.call('GET', '/api/nothing', { headers: { 'x-request-id': 'a b<script>' } });
    expect(odd.body.request_id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('sends security headers with every answer', async () => {
    for (const path of ['/api/nothing', '/api/providers', '/health/live', '/api/openapi.json']) {
      const { headers } = await app.call('GET', path, { token: tenant.token });
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-frame-options')).toBe('DENY');
    }
  });

  it('meets nothing unexpected in all of this', () => expect(app.unexpected).toEqual([]));
});

function manyTags(): string {
  return JSON.stringify({
    name: 'a',
    tags: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`t${index}`, 'x'])),
  });
}

describe('errors that nobody expected', () => {
  const failing = (error: Error): Database => ({ transaction: () => Promise.reject(error) });

  it('show a request id and nothing else', async () => {
    const app = createTestApp(failing(new Error('secret detail of the database')));
    const answer = await app.call('GET', '/api/providers', { token: 'ba-x' });
    expect(answer.body).toMatchObject({ status: 500, code: 'internal_error' });
    expect(JSON.stringify(answer.body)).not.toMatch(/secret detail|\.ts|at /);
    expect(app.unexpected).toHaveLength(1);
  });

  it.each([
    Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' }),
    Object.assign(new Error('terminating connection'), { code: '57P01' }),
    new Error('timeout exceeded when trying to connect'),
  ])('tell a database that is away apart: %s', async (error) => {
    const app = createTestApp(failing(error));
    const answer = await app.call('GET', '/api/providers', { token: 'ba-x' });
    expect(answer.body).toMatchObject({ status: 503, code: 'unavailable' });
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  it('leave liveness alone; readiness says what is', async () => {
    const app = createTestApp(failing(new Error('away')), { ready: false });
    expect((await app.call('GET', '/health/live')).status).toBe(200);
    expect((await app.call('GET', '/health/ready')).status).toBe(503);
  });
});
