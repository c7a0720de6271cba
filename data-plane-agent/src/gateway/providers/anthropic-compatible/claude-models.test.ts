import { describe, expect, it } from 'vitest';
import { claudeTraits } from './claude-models.ts';

describe('what a model takes, by its name', () => {
  it.each([
    ['anthropic.claude-v2:1', 4_096, 'none', 'all', false],
    ['claude-instant-1.2', 4_096, 'none', 'all', false],
    ['claude-3-haiku-20240307', 4_096, 'none', 'all', false],
    ['claude-3-opus@20240229', 4_096, 'none', 'all', false],
    ['us.anthropic.claude-3-5-sonnet-20241022-v2:0', 8_192, 'none', 'all', false],
    ['claude-3-5-haiku-latest', 8_192, 'none', 'all', false],
    ['claude-3-7-sonnet-20250219', 64_000, 'budget', 'all', false],
    ['claude-sonnet-4@20250514', 64_000, 'budget', 'all', false],
    ['us.anthropic.claude-opus-4-20250514-v1:0', 32_000, 'budget', 'all', false],
    ['claude-opus-4-1-20250805', 32_000, 'budget', 'one', true],
    ['claude-haiku-4-5-20251001', 64_000, 'budget', 'one', true],
    ['claude-sonnet-4-5', 64_000, 'budget', 'one', true],
    ['anthropic.claude-opus-4-6-v1', 128_000, 'both', 'one', true],
    ['claude-sonnet-4-6', 128_000, 'both', 'one', true],
    ['claude-opus-4-7', 128_000, 'adaptive', 'none', true],
    ['claude-sonnet-5', 128_000, 'adaptive', 'none', true],
    ['anthropic/claude-opus-4.8', 128_000, 'adaptive', 'none', true],
    ['us.anthropic.claude-mythos-preview', 128_000, 'always', 'none', true],
    ['eu.anthropic.claude-opus-5-5', 128_000, 'always', 'none', true],
    ['claude-fable-5', 128_000, 'always', 'none', true],
    ['claude-haiku-9', 128_000, 'adaptive', 'none', true],
    ['my-deployment', undefined, 'budget', 'all', true],
    ['arn:aws:bedrock:us-east-1:1:application-inference-profile/abc', undefined, 'budget', 'all', true],
  ])('%s', (model, mostTokens, thinking, sampling, structuredOutput) => {
    expect(claudeTraits(model)).toMatchObject({ mostTokens, thinking, sampling, structuredOutput });
  });

  it.each([
    ['claude-fable-5', true],
    ['claude-fable-5-1', false],
    ['claude-opus-5', true],
    ['claude-opus-5-5', false],
    ['claude-sonnet-5-5', false],
    ['us.anthropic.claude-haiku-5-5', true],
    ['claude-fable-5-2', false],
  ])('%s can be made to call a tool: %s', (model, can) => {
    expect(claudeTraits(model).forcedTools).toBe(can);
  });
});
