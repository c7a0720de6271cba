import fc from 'fast-check';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createGatewayMetrics } from './gateway-metrics.ts';

describe('createGatewayMetrics', () => {
  it('counts what the gateway reports', async () => {
    const registry = new Registry();
    const { metrics, totals } = createGatewayMetrics(registry);
    metrics.inFlight(1);
    metrics.bufferedBytes(100);
    metrics.requestFinished('openai-chat', 200, 'success', 0.02);
    metrics.requestFinished('openai-chat', 200, 'success', 1_000);
    metrics.requestFinished('openai-chat', 502, 'error', 0.5);
    metrics.attemptFinished('east', 'error', 'provider_error', 0.1);
    metrics.attemptFinished('east', 'success', '', 0.1);
    metrics.tokens('east', 'input', 12);
    metrics.tokens('east', 'input', 3);
    metrics.timeToFirstToken('openai-chat', 0.1);
    metrics.inFlight(-1);
    const text = await registry.metrics();
    expect(text).toContain('bonito_requests_total{surface="openai-chat",status="200",outcome="success"} 2');
    expect(text).toContain('bonito_requests_total{surface="openai-chat",status="502",outcome="error"} 1');
    expect(text).toContain('bonito_request_duration_seconds_bucket{surface="openai-chat",le="0.005"} 0');
    expect(text).toContain('bonito_request_duration_seconds_bucket{surface="openai-chat",le="0.025"} 1');
    expect(text).toContain('bonito_request_duration_seconds_bucket{surface="openai-chat",le="300"} 2');
    expect(text).toContain('bonito_request_duration_seconds_bucket{surface="openai-chat",le="+Inf"} 3');
    expect(text).toContain('bonito_request_duration_seconds_sum{surface="openai-chat"} 1000.52');
    expect(text).toContain('bonito_request_duration_seconds_count{surface="openai-chat"} 3');
    expect(text).toContain(
      'bonito_provider_attempts_total{provider="east",outcome="error",error_code="provider_error"} 1',
    );
    expect(text).toContain(
      'bonito_provider_attempts_total{provider="east",outcome="success",error_code="none"} 1',
    );
    expect(text).toContain('bonito_tokens_total{provider="east",class="input"} 15');
    expect(text).toContain('bonito_time_to_first_token_seconds_count{surface="openai-chat"} 1');
    expect(totals).toMatchObject({ requests: 3, errors: 1, inFlight: 0, bufferedBytes: 100 });
    expect([...totals.providers]).toEqual([['east', { attempts: 2, errors: 1 }]]);
    // A second scrape shows the same, not twice as much.
    expect(await registry.metrics()).toBe(text);
  });

  it('lets no text that is not known become a label', async () => {
    const registry = new Registry();
    const { metrics } = createGatewayMetrics(registry);
    fc.assert(
      fc.property(fc.string(), fc.integer(), (text, number) => {
        metrics.requestFinished('openai-chat', number + 10_000, `canary${text}`, 1);
        metrics.attemptFinished('east', `canary${text}`, `canary${text}`, 1);
        metrics.tokens('east', `canary${text}`, 1);
      }),
    );
    expect(await registry.metrics()).not.toContain('canary');
  });

  it('has a bound on the providers that it tells apart', async () => {
    const registry = new Registry();
    const { metrics } = createGatewayMetrics(registry);
    for (let index = 0; index < 1_500; index++) metrics.tokens(`p${index}`, 'input', 1);
    const text = await registry.metrics();
    expect(text.match(/^bonito_tokens_total\{/gm)).toHaveLength(1_001);
    expect(text).toContain('bonito_tokens_total{provider="other",class="input"} 500');
  });
});
