import { describe, expect, it } from 'vitest';
import type { Database } from '../../db/transactions.ts';
import { createTestApp } from '../../testing/test-app.ts';
import { adminRoutes } from '../admin/routes.ts';
import type { AgentPlane } from '../agent/agent-plane.ts';
import { agentRoutes } from '../agent/agent-routes.ts';
import { agentOperations } from '../agent/describe-agent-routes.ts';
import type { ApiDocument } from './document-shape.ts';

const noDatabase: Database = { transaction: () => Promise.reject(new Error('not asked for')) };

describe('the OpenAPI document', () => {
  const app = createTestApp(noDatabase);

  it('has every route, guarded, with an operation id of its own', async () => {
    const { body } = await app.call('GET', '/api/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    const document = body as ApiDocument;
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    expect(operations).toHaveLength(adminRoutes.length + agentOperations.length);
    const ids = operations.map((operation) => (operation as { operationId?: string }).operationId);
    expect(new Set(ids).size).toBe(operations.length);
    for (const { path, method } of adminRoutes) {
      const operation = document.paths[path]?.[method] ?? { responses: {} };
      expect(operation).toMatchObject({ security: [{ administratorToken: [] }] });
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['401', '404', '422']));
    }
  });

  it('has every endpoint of the protocol, with the headers that it needs and the answers that it gives', async () => {
    const { paths } = (await app.call('GET', '/api/openapi.json')).body as ApiDocument;
    const served = agentRoutes({ hub: { onAnnounce() {} } } as unknown as AgentPlane).routes.filter(
      ({ method }) => method !== 'ALL',
    );
    expect(
      served.map(({ method, path }) => `${method} /api/agent${path.replace(':digest', '{digest}')}`),
    ).toEqual(agentOperations.map(({ method, path }) => `${method.toUpperCase()} ${path}`));
    const statuses: Record<string, string[]> = {};
    for (const { path, method } of agentOperations) {
      const operation = paths[path]?.[method];
      expect(operation).toMatchObject({ security: [{ agentToken: [] }] });
      const needed = operation?.parameters?.filter(
        (parameter) => parameter.in === 'header' && parameter.required,
      );
      expect(needed?.map(({ name }) => name)).toEqual(['bonito-protocol', 'bonito-instance']);
      statuses[path] = Object.keys(operation?.responses ?? {});
      for (const answer of Object.values(operation?.responses ?? {}))
        expect(answer).toMatchObject({ headers: { 'bonito-protocol': {}, 'bonito-time': {} } });
    }
    expect(statuses).toEqual({
      '/api/agent/config': ['200', '304', '400', '401'],
      '/api/agent/config/sections/{digest}': ['200', '400', '401', '404'],
      '/api/agent/keys': ['200', '304', '400', '401'],
      '/api/agent/ingest': ['200', '400', '401', '413', '503'],
      '/api/agent/heartbeat': ['200', '400', '401', '413'],
      '/api/agent/leases': ['200', '400', '401', '404'],
    });
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
      required: ['name', 'kind', 'credential'],
    });
  });

  it('is readable as a page that asks nobody for anything', async () => {
    const { body, headers, status } = await app.call('GET', '/api/docs');
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(body).not.toMatch(/<script|https?:\/\/(?!api\.)|src=|@import|url\(/);
    for (const route of [...adminRoutes, ...agentOperations])
      expect(body).toContain(`${route.method.toUpperCase()} ${route.path}`);
    expect(body).toContain('<code>price</code>');
    expect(body).toContain('<code>data[].id</code>');
    expect(body).not.toContain('undefined');
  });
});
