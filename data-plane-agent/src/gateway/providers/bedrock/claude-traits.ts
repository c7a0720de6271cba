import { type ClaudeTraits, claudeTraits } from '../anthropic-compatible/claude-models.ts';

/**
 * What a model of Claude takes on Bedrock, by its name there. Bedrock knows promised answers and arguments for two generations
 * alone, and refuses the others for them.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-structured-outputs.html
 */
export function bedrockClaudeTraits(model: string): ClaudeTraits {
  const traits = claudeTraits(model);
  const unnamed = traits.mostTokens === undefined;
  return unnamed || /claude-[a-z]+-4-[56](?!\d)/.test(model)
    ? traits
    : { ...traits, structuredOutput: false };
}

/** Whether it takes caches that live an hour: the generations before 4.5 are refused for the time. */
export function keepsLongCaches(model: string): boolean {
  const unnamed = claudeTraits(model).mostTokens === undefined;
  return unnamed || /claude-[a-z]+-(?:4-[5-9]|[5-9])(?!\d)/.test(model);
}
