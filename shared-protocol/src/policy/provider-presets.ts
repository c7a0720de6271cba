/** Fields of an OpenAI chat request that not every server takes. */
export type OptionalChatField =
  | 'stream_options'
  | 'parallel_tool_calls'
  | 'n'
  | 'logit_bias'
  | 'logprobs'
  | 'seed'
  | 'frequency_penalty'
  | 'presence_penalty'
  | 'top_k'
  | 'user'
  | 'metadata'
  | 'service_tier'
  | 'verbosity'
  | 'prompt_cache_key'
  | 'modalities'
  | 'reasoning_effort'
  | 'response_format.json_schema'
  | 'tools.strict'
  | 'tools.custom'
  | 'messages.name'
  | 'tool_choice.required';

/** What differs between servers that speak OpenAI's chat wire. */
export interface ProviderPreset {
  readonly name: string;
  /** Where its API begins; undefined for servers that everyone runs at an address of their own. */
  readonly baseUrl: string | undefined;
  /** Fields that it refuses or ignores. The gateway leaves them out and says so. */
  readonly lacks: readonly OptionalChatField[];
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  readonly seedField: 'seed' | 'random_seed';
  /** What ids of tool calls have to be: Mistral refuses all but nine letters and digits. */
  readonly callIds: 'any' | 'nine_alphanumeric';
  /** Its word for instructions is `system` alone; `developer` is OpenAI's. */
  readonly developerRole: boolean;
  /** The member of an assistant's message in which it takes its own reasoning back; undefined where it takes none. */
  readonly reasoningField: 'reasoning_content' | 'reasoning' | undefined;
  /** It takes OpenRouter's `reasoning_details` back. */
  readonly reasoningDetails: boolean;
  /** It takes `cache_control` on content parts. */
  readonly cacheControl: boolean;
  /** It speaks the Responses API too. */
  readonly responses: boolean;
  /** Its streams end in `[DONE]`. */
  readonly sendsDone: boolean;
}

/** What OpenAI's own fields are that servers which follow it seldom take. */
const OPENAI_ALONE = [
  'metadata',
  'service_tier',
  'verbosity',
  'prompt_cache_key',
  'modalities',
  'tools.custom',
] as const satisfies readonly OptionalChatField[];

const FOLLOWER = {
  maxTokensField: 'max_tokens',
  seedField: 'seed',
  callIds: 'any',
  developerRole: false,
  reasoningField: undefined,
  reasoningDetails: false,
  cacheControl: false,
  responses: false,
  sendsDone: true,
} as const;

/**
 * Servers that speak OpenAI's chat wire, one row each. A new one is a new row. What a row leaves out of `lacks` is sent: a
 * server that refuses it then says so itself. Sources: each server's own API reference for chat completions.
 */
export const PROVIDER_PRESETS: readonly ProviderPreset[] = [
  {
    ...FOLLOWER,
    name: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    // Reasoning models refuse `max_tokens`; all take the newer name.
    lacks: ['top_k'],
    maxTokensField: 'max_completion_tokens',
    developerRole: true,
    responses: true,
  },
  {
    // Any server that keeps close to OpenAI: everything is sent that has long been part of the wire.
    ...FOLLOWER,
    name: 'generic',
    baseUrl: undefined,
    lacks: ['tools.custom'],
    developerRole: true,
    reasoningField: 'reasoning_content',
    responses: true,
  },
  {
    // docs.mistral.ai: `random_seed` in place of `seed`; extra fields are refused with 422.
    ...FOLLOWER,
    name: 'mistral',
    baseUrl: 'https://api.mistral.ai/v1',
    lacks: [...OPENAI_ALONE, 'stream_options', 'logit_bias', 'logprobs', 'top_k', 'user', 'messages.name'],
    seedField: 'random_seed',
    callIds: 'nine_alphanumeric',
  },
  {
    // console.groq.com, "OpenAI compatibility": logprobs, logit_bias, messages[].name are refused, n has to be 1.
    ...FOLLOWER,
    name: 'groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    lacks: [
      'verbosity',
      'prompt_cache_key',
      'modalities',
      'tools.custom',
      'n',
      'logit_bias',
      'logprobs',
      'top_k',
      'messages.name',
    ],
    maxTokensField: 'max_completion_tokens',
    reasoningField: 'reasoning',
    responses: true,
  },
  {
    ...FOLLOWER,
    name: 'together',
    baseUrl: 'https://api.together.xyz/v1',
    lacks: [...OPENAI_ALONE, 'parallel_tool_calls', 'user'],
    reasoningField: 'reasoning',
  },
  {
    // api-docs.deepseek.com: reasoning_content of earlier turns is taken back with tool calls.
    ...FOLLOWER,
    name: 'deepseek',
    baseUrl: 'https://api.deepseek.com',
    lacks: [
      ...OPENAI_ALONE,
      'n',
      'logit_bias',
      'seed',
      'top_k',
      'parallel_tool_calls',
      'response_format.json_schema',
    ],
    reasoningField: 'reasoning_content',
  },
  {
    // docs.x.ai: reasoning models refuse penalties and stop; the server says so by model.
    ...FOLLOWER,
    name: 'xai',
    baseUrl: 'https://api.x.ai/v1',
    lacks: [
      'metadata',
      'service_tier',
      'verbosity',
      'prompt_cache_key',
      'modalities',
      'tools.custom',
      'top_k',
      'logit_bias',
    ],
    maxTokensField: 'max_completion_tokens',
    responses: true,
  },
  {
    // openrouter.ai/docs: cache_control passes on to Anthropic and Gemini, reasoning_details come back.
    ...FOLLOWER,
    name: 'openrouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    lacks: ['metadata', 'prompt_cache_key', 'tools.custom', 'n'],
    developerRole: true,
    reasoningField: 'reasoning',
    reasoningDetails: true,
    cacheControl: true,
    responses: true,
  },
  {
    ...FOLLOWER,
    name: 'fireworks',
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    lacks: ['metadata', 'verbosity', 'modalities', 'tools.custom'],
    reasoningField: 'reasoning_content',
    responses: true,
  },
  {
    // docs.perplexity.ai: no tools, no penalties beside each other; unknown fields are ignored.
    ...FOLLOWER,
    name: 'perplexity',
    baseUrl: 'https://api.perplexity.ai',
    lacks: [
      ...OPENAI_ALONE,
      'n',
      'logit_bias',
      'logprobs',
      'seed',
      'user',
      'parallel_tool_calls',
      'stream_options',
    ],
  },
  {
    // inference-docs.cerebras.ai: frequency_penalty, presence_penalty and logit_bias are refused.
    ...FOLLOWER,
    name: 'cerebras',
    baseUrl: 'https://api.cerebras.ai/v1',
    lacks: [...OPENAI_ALONE, 'n', 'logit_bias', 'frequency_penalty', 'presence_penalty', 'top_k'],
    maxTokensField: 'max_completion_tokens',
    reasoningField: 'reasoning',
  },
  {
    ...FOLLOWER,
    name: 'nvidia',
    baseUrl: 'https://integrate.api.nvidia.com/v1',
    lacks: [...OPENAI_ALONE, 'n', 'logit_bias', 'parallel_tool_calls'],
  },
  {
    ...FOLLOWER,
    name: 'vllm',
    baseUrl: undefined,
    lacks: [...OPENAI_ALONE],
    developerRole: true,
    reasoningField: 'reasoning_content',
    responses: true,
  },
  {
    ...FOLLOWER,
    name: 'sglang',
    baseUrl: undefined,
    lacks: [...OPENAI_ALONE],
    reasoningField: 'reasoning_content',
  },
  {
    ...FOLLOWER,
    name: 'llama.cpp',
    baseUrl: undefined,
    lacks: [...OPENAI_ALONE, 'n'],
    reasoningField: 'reasoning_content',
  },
  {
    // github.com/ollama, "OpenAI compatibility": no tool_choice, logit_bias, user, n.
    ...FOLLOWER,
    name: 'ollama',
    baseUrl: 'http://127.0.0.1:11434/v1',
    lacks: [
      ...OPENAI_ALONE,
      'n',
      'logit_bias',
      'logprobs',
      'user',
      'parallel_tool_calls',
      'tool_choice.required',
      'top_k',
    ],
    reasoningField: 'reasoning',
  },
  {
    ...FOLLOWER,
    name: 'lm-studio',
    baseUrl: 'http://127.0.0.1:1234/v1',
    lacks: [...OPENAI_ALONE, 'n', 'logprobs', 'parallel_tool_calls'],
    responses: true,
  },
  {
    ...FOLLOWER,
    name: 'huggingface',
    baseUrl: 'https://router.huggingface.co/v1',
    lacks: [...OPENAI_ALONE],
  },
  {
    ...FOLLOWER,
    name: 'github-models',
    baseUrl: 'https://models.github.ai/inference',
    lacks: [...OPENAI_ALONE, 'n', 'logit_bias', 'top_k'],
    developerRole: true,
  },
  {
    ...FOLLOWER,
    name: 'sambanova',
    baseUrl: 'https://api.sambanova.ai/v1',
    lacks: [...OPENAI_ALONE, 'n', 'logit_bias', 'logprobs', 'seed', 'user'],
  },
  {
    ...FOLLOWER,
    name: 'databricks',
    baseUrl: undefined,
    lacks: [...OPENAI_ALONE, 'parallel_tool_calls', 'user', 'seed', 'logit_bias'],
  },
];

const BY_NAME: ReadonlyMap<string, ProviderPreset> = new Map(
  PROVIDER_PRESETS.map((preset) => [preset.name, preset]),
);

/** The preset of a name; `generic` where there is no such name or none was given. */
export function providerPreset(name: string | undefined): ProviderPreset {
  const preset = BY_NAME.get(name ?? 'generic') ?? BY_NAME.get('generic');
  if (!preset) throw new Error('the table of presets has no row for servers in general');
  return preset;
}
