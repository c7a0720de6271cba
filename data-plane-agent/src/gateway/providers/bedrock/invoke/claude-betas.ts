import type { HostLimits } from '../../anthropic-compatible/fit-to-host.ts';
import { bedrockClaudeTraits, keepsLongCaches } from '../claude-traits.ts';

/** Betas of Anthropic's that Bedrock takes. */
const TAKEN: ReadonlySet<string> = new Set([
  'claude-code-20250219',
  'compact-2026-01-12',
  'computer-use-2024-10-22',
  'computer-use-2025-01-24',
  'computer-use-2025-11-24',
  'context-1m-2025-08-07',
  'context-management-2025-06-27',
  'dangerous-tool-use-2026-09-03',
  'dev-full-thinking-2025-05-14',
  'effort-2025-11-24',
  'fine-grained-tool-streaming-2025-05-14',
  'interleaved-thinking-2025-05-14',
  'mid-conversation-output-config-2026-07-01',
  'mid-conversation-tool-changes-2026-07-01',
  'output-128k-2025-02-19',
  'structured-outputs-2025-12-15',
  'thinking-binding-controls-2026-08-01',
  'thinking-display-updates-2026-08-18',
  'token-efficient-tools-2025-02-19',
  'tool-examples-2025-10-29',
  'tool-search-tool-2025-10-19',
]);

/**
 * What Bedrock takes of Anthropic's body for a model.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html
 */
export function bedrockLimits(model: string): HostLimits {
  const promisesNothing = !bedrockClaudeTraits(model).structuredOutput;
  return { ...LIMITS, promisesNothing, shortCaches: !keepsLongCaches(model) };
}

const LIMITS: HostLimits = {
  takesBeta: (name) => TAKEN.has(name),
  untakenFields: ['container', 'inference_geo', 'mcp_servers', 'output_format', 'service_tier', 'speed'],
  untakenTools: /^(?:web_search|web_fetch|code_execution|advisor|mcp_toolset)/,
  streamsToolsByBeta: true,
};
