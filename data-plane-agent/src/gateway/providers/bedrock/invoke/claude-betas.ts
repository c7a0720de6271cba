import type { JsonObject } from '../../../chat/wire.ts';

/** Betas of Anthropic's that Bedrock takes; it refuses a whole request for one that it does not know. */
const TAKEN: ReadonlySet<string> = new Set([
  'claude-code-20250219',
  'compact-2026-01-12',
  'computer-use-2024-10-22',
  'computer-use-2025-01-24',
  'computer-use-2025-11-24',
  'context-1m-2025-08-07',
  'context-management-2025-06-27',
  'dev-full-thinking-2025-05-14',
  'effort-2025-11-24',
  'fine-grained-tool-streaming-2025-05-14',
  'interleaved-thinking-2025-05-14',
  'output-128k-2025-02-19',
  'structured-outputs-2025-12-15',
  'token-efficient-tools-2025-02-19',
  'tool-examples-2025-10-29',
  'tool-search-tool-2025-10-19',
]);

/** Members of betas that Bedrock does not have, and of things that only Anthropic's own API has. */
const UNTAKEN_FIELDS = [
  'container',
  'inference_geo',
  'mcp_servers',
  'output_format',
  'service_tier',
  'speed',
];

/** What Bedrock takes of a client's betas. */
export interface KeptBetas {
  readonly betas: readonly string[];
  readonly dropped: readonly string[];
}

/**
 * Sorts the betas of the header and of the body, in their order.
 *
 * @param header values of `anthropic-beta`, by commas
 * @param inBody `anthropic_beta`, as clients of Bedrock send it
 */
export function keepBetas(header: string | undefined, inBody: unknown): KeptBetas {
  const named = (header ?? '').split(',').map((name) => name.trim());
  const listed = Array.isArray(inBody) ? inBody.filter((name) => typeof name === 'string') : [];
  const all = [...new Set([...listed, ...named])].filter((name) => name !== '');
  return {
    betas: all.filter((name) => TAKEN.has(name)),
    dropped: all.filter((name) => !TAKEN.has(name)).map((name) => `anthropic_beta.${name}`),
  };
}

/** The top-level members of Anthropic's body that Bedrock refuses. */
export function untakenFields(body: JsonObject): string[] {
  return UNTAKEN_FIELDS.filter((name) => body[name] !== undefined && body[name] !== null);
}
