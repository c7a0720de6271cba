import { describe, expect, it } from 'vitest';
import { responsesErrorAnswer } from './responses-error-answer.ts';

describe('an error in the events of the Responses API', () => {
  it.each([
    ['context_length_exceeded', 400],
    ['rate_limit_exceeded', 429],
    ['insufficient_quota', 429],
    ['server_is_overloaded', 503],
    ['server_error', 502],
    ['vector_store_timeout', 504],
    ['invalid_prompt', 400],
    ['bio_policy', 400],
    ['image_content_policy_violation', 400],
    ['invalid_image_url', 400],
    ['image_file_too_large', 400],
    ['failed_to_download_image', 400],
  ])('with the code %s stands for status %i', (code, status) => {
    const response = { id: 'resp_1', status: 'failed', error: { code, message: 'Why.' } };
    const answer = responsesErrorAnswer(Buffer.from(JSON.stringify({ type: 'response.failed', response })));
    expect(answer?.status).toBe(status);
    expect(JSON.parse(String(answer?.body))).toMatchObject({ error: { code, message: 'Why.' } });
  });

  it.each(['', '{', '{"type":"response.failed","response":{"error":null}}'])('is none in %j', (data) => {
    expect(responsesErrorAnswer(Buffer.from(data))).toBeUndefined();
  });
});
