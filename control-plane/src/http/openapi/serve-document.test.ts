import { describe, expect, it } from 'vitest';
import type { Database } from '../../db/transactions.ts';
import { createTestApp } from '../../testing/test-app.ts';
import { adminRoutes } from '../admin/routes.ts';
import type { ApiDocument } from './document-shape.ts';

const noDatabase: Database = { transaction: () => Promise.reject(new Error('not asked for')) };

describe('the OpenAPI document', () => {
  const app = createTestApp(noDatabase);

  it('has every route, guarded, with an operation id of its own', async () => {
    const { body } = await app.call('GET', '/api/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    const document = body as ApiDocument;
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    expect(operations).toHaveLength(adminRoutes.length);
    const ids = operations.map((operation) => (operation as { operationId?: string }).operationId);
    expect(new Set(ids).size).toBe(operations.length);
    for (const operation of operations) {
      expect(operation).toMatchObject({ security: [{ administratorToken: [] }] });
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['401', '404', '422']));
    }
  });

  it('refers only to what it holds, and describes bodies strictly', async () => {
    const { body } = await app.call('GET', '/api/openapi.json');
    const text = JSON.stringify(body);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      expect(Object.keys(body.components.schemas)).toContain(name);
    }
    expect(body.components.schemas.CreateProvider).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['name', 'kind', 'base_url', 'credential'],
    });
  });

  it('is readable as a page that asks nobody for anything', async () => {
    const { body, headers, status } = await app.call('GET', '/api/docs');
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(body).not.toMatch(/<script|https?:\/\/(?!api\.)|src=|@import|url\(/);
    for (const route of adminRoutes) expect(body).toContain(`${route.method.toUpperCase()} ${route.path}`);
    expect(body).toContain('<code>price</code>');
    expect(body).toContain('<code>data[].id</code>');
    expect(body).not.toContain('undefined');
  });
});
