import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openAiErrors } from '../surfaces/openai-chat/openai-errors.ts';
import { GatewayError } from './gateway-error.ts';
import { GATEWAY_ERRORS, type GatewayErrorCode } from './gateway-error-table.ts';

const openAiErrorBody = (error: GatewayError) => JSON.stringify(openAiErrors.gateway(error, 'request'));
const openAiErrorEvent = (error: GatewayError) => openAiErrors.event(openAiErrors.gateway(error, 'request'));
const CANARY = 'canary-words-of-the-client';

describe('GatewayError', () => {
  it.each(Object.keys(GATEWAY_ERRORS) as GatewayErrorCode[])('%s is whole', (code) => {
    const error = new GatewayError(code);
    expect(error.status).toBeGreaterThanOrEqual(400);
    expect(error.message).toMatch(/^[A-Z].{15,}\.$/);
    // OpenAI's SDKs try again on these unless told not to, so the table has to say so where they may.
    if (error.retryable) expect(error.status).toBeGreaterThanOrEqual(500);
    if (error.retryAfterSeconds !== undefined) expect(error.retryable).toBe(true);
    expect(JSON.parse(openAiErrorBody(error).toString())).toEqual({
      error: { message: error.message, type: error.type, param: null, code },
    });
  });

  it('shows the detail to the client and to nobody else', () => {
    const error = new GatewayError('model_not_found', {
      param: 'model',
      detail: CANARY,
      cause: new Error('why'),
    });
    expect(openAiErrorBody(error).toString()).toContain(CANARY);
    expect(openAiErrorBody(error).toString()).toContain('"param":"model"');
    const seen = inspect(error, { showHidden: true, depth: 9 }) + JSON.stringify(error) + String(error.stack);
    expect(seen).not.toContain(CANARY);
  });

  it('lets a caller say how long to wait', () => {
    expect(new GatewayError('buffer_full').retryAfterSeconds).toBe(1);
    expect(new GatewayError('buffer_full', { retryAfterSeconds: 9 }).retryAfterSeconds).toBe(9);
  });

  it('is one event of a stream', () => {
    const text = openAiErrorEvent(
      new GatewayError('stream_interrupted', { detail: 'line\nbreak' }),
    ).toString();
    expect(text).toMatch(/^data: [^\n]+\n\n$/);
    expect(JSON.parse(text.slice(6))).toMatchObject({ error: { code: 'stream_interrupted' } });
  });
});
