import { describe, expect, it } from 'vitest';
import { requestHeaders } from './request-headers.ts';
import { responseHeaders } from './response-headers.ts';

describe('requestHeaders', () => {
  it('forwards only what is listed', () => {
    const raw = [
      ...[
        'Authorization',
        'Bearer bn-secret',
        'X-Api-Key',
        'bn-secret',
        'api-key',
        'bn-secret',
        'Cookie',
        'a=b',
      ],
      ...[
        'Proxy-Authorization',
        'Basic x',
        'Forwarded',
        'for=10.0.0.1',
        'X-Forwarded-For',
        '10.0.0.1',
        'Via',
        '1.1 x',
      ],
      ...[
        'Connection',
        'keep-alive, accept',
        'Transfer-Encoding',
        'chunked',
        'Upgrade',
        'h2c',
        'TE',
        'trailers',
      ],
      ...['Host', 'gateway', 'Content-Length', '3', 'Accept-Encoding', 'gzip', 'Expect', '100-continue'],
      ...['OpenAI-Organization', 'org', 'OpenAI-Project', 'p', 'Idempotency-Key', 'k', 'User-Agent', 'u'],
      ...['X-Stainless-OS', 'Linux', 'baggage', 'user=alice', 'x-unknown', '1'],
      ...['Accept', 'application/json', 'OpenAI-Beta', 'a=v1', 'openai-beta', 'b=v2', 'traceparent', '00-1'],
    ];
    expect(requestHeaders(raw)).toEqual([
      ...['accept', 'application/json', 'openai-beta', 'a=v1', 'openai-beta', 'b=v2', 'traceparent', '00-1'],
    ]);
  });
});

describe('responseHeaders', () => {
  it('forwards only what is listed and renames the request id', () => {
    const kept = responseHeaders({
      'set-cookie': ['a=b'],
      'openai-organization': 'org',
      server: 'x',
      connection: 'close',
      'transfer-encoding': 'chunked',
      'content-encoding': 'gzip',
      'x-request-id': 'req_1',
      'retry-after': '3',
      'x-ratelimit-remaining-tokens': ['1', '2'],
      'openai-version': undefined,
    });
    expect(kept).toEqual([
      ...['x-bonito-provider-request-id', 'req_1', 'retry-after', '3'],
      ...['x-ratelimit-remaining-tokens', '1', 'x-ratelimit-remaining-tokens', '2'],
    ]);
  });
});
