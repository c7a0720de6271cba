import { describe, expect, it } from 'vitest';
import { defaultBaseUrl } from './default-base-url.ts';

describe('where an API begins if nobody says', () => {
  it.each([
    ['openai', null, null, 'https://api.openai.com/v1'],
    ['anthropic', null, null, 'https://api.anthropic.com'],
    ['gemini', null, null, 'https://generativelanguage.googleapis.com'],
    ['cohere', null, null, 'https://api.cohere.com'],
    ['openai-compatible', 'groq', null, 'https://api.groq.com/openai/v1'],
    ['openai-compatible', 'vllm', null, undefined],
    ['openai-compatible', null, null, undefined],
    ['azure-openai', null, 'westeurope', undefined],
    ['bedrock', null, 'eu-west-1', 'https://bedrock-runtime.eu-west-1.amazonaws.com'],
    ['bedrock', null, 'cn-north-1', 'https://bedrock-runtime.cn-north-1.amazonaws.com.cn'],
    ['bedrock', null, null, undefined],
    ['bedrock', null, 'evil.example/', undefined],
    ['vertex', null, 'europe-west4', 'https://europe-west4-aiplatform.googleapis.com'],
    ['vertex', null, 'global', 'https://aiplatform.googleapis.com'],
    ['vertex', null, 'eu', 'https://aiplatform.eu.rep.googleapis.com'],
    ['vertex', null, null, undefined],
  ])('%s, preset %s, region %s: %s', (kind, preset, region, url) => {
    expect(defaultBaseUrl({ kind, preset, region })).toBe(url);
  });
});
