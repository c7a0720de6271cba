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
  | 'response_format.json_object'
  | 'tools.strict'
  | 'tools.custom'
  | 'messages.name'
  | 'tool_choice.required';

/**
 * A member of the message, or a part of its content: Mistral's `thinking`, or the `reasoning` with summaries of Claude at
 * Databricks.
 */
export type ReasoningField = 'reasoning_content' | 'reasoning' | 'content.thinking' | 'content.reasoning';

/** What differs between servers that speak OpenAI's chat wire. */
export interface ProviderPreset {
  readonly name: string;
  /** Where its API begins; undefined for servers that everyone runs at an address of their own. */
  readonly baseUrl: string | undefined;
  /** Fields that it refuses or ignores. The gateway leaves them out and says so. */
  readonly lacks: readonly OptionalChatField[];
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** It knows the limit by `max_tokens` alone, so that the newer name is changed to it also where a client says it itself. */
  readonly oneLimitName: boolean;
  readonly seedField: 'seed' | 'random_seed';
  /** What ids of tool calls have to be: Mistral refuses all but nine letters and digits. */
  readonly callIds: 'any' | 'nine_alphanumeric';
  /** Its word for instructions is `system` alone; `developer` is OpenAI's. */
  readonly developerRole: boolean;
  /** Where in an assistant's message it takes its own reasoning back; undefined where it takes none. */
  readonly reasoningField: ReasoningField | undefined;
  /** It takes `thinking`, as Anthropic's API has it: on or off alone, or with a number of tokens. */
  readonly thinking: 'switch' | 'budget' | undefined;
  /** Words for how much to think that none of its models takes. Others are refused by the model that does not know them. */
  readonly refusedEfforts: readonly string[];
  /** It takes OpenRouter's `reasoning_details` back. */
  readonly reasoningDetails: boolean;
  /** It takes pictures by their address; otherwise as bytes alone, and the gateway fetches them. */
  readonly mediaUrls: boolean;
  /** It takes `cache_control` on content parts. */
  readonly cacheControl: boolean;
  /** It takes a user's words right after a tool's answer; otherwise a word of the assistant's has to stand between. */
  readonly userAfterTool: boolean;
  /** It goes on with an assistant's message that stands last only where that is marked with `prefix`. */
  readonly marksPrefix: boolean;
  /** It refuses members of an assistant's message that only answers have, as clients hand them back. */
  readonly strictMessages: boolean;
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
  oneLimitName: false,
  seedField: 'seed',
  callIds: 'any',
  developerRole: false,
  reasoningField: undefined,
  thinking: undefined,
  // OpenAI's newest word, and Anthropic's.
  refusedEfforts: ['max'],
  reasoningDetails: false,
  mediaUrls: true,
  cacheControl: false,
  userAfterTool: true,
  marksPrefix: false,
  strictMessages: false,
  responses: false,
  sendsDone: true,
} as const;

/**
 * Servers that speak OpenAI's chat wire, one row each. A new one is a new row. What a row leaves out of `lacks` is sent: a
 * server that refuses it then says so itself. Above each row stands the page of its API.
 */
export const PROVIDER_PRESETS: readonly ProviderPreset[] = [
  {
    // https://platform.openai.com/docs/api-reference/chat/create
    ...FOLLOWER,
    name: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    // Reasoning models refuse `max_tokens`; all take the newer name.
    lacks: ['top_k'],
    maxTokensField: 'max_completion_tokens',
    developerRole: true,
    refusedEfforts: [],
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
    // https://docs.mistral.ai/api/endpoint/chat (other fields are refused with 422)
    // https://docs.mistral.ai/capabilities/reasoning (thinking goes back as it came, as a part of the content)
    ...FOLLOWER,
    name: 'mistral',
    baseUrl: 'https://api.mistral.ai/v1',
    oneLimitName: true,
    lacks: [
      'service_tier',
      'verbosity',
      'modalities',
      'tools.custom',
      // Figures come unasked, in the last chunk.
      'stream_options',
      'logit_bias',
      'logprobs',
      'top_k',
      'user',
      'messages.name',
    ],
    seedField: 'random_seed',
    callIds: 'nine_alphanumeric',
    reasoningField: 'content.thinking',
    // Its own models take `none` and `high`, those of Z.ai `low`, `high` and `max`.
    refusedEfforts: ['minimal', 'medium', 'xhigh'],
    userAfterTool: false,
    marksPrefix: true,
    strictMessages: true,
  },
  {
    // https://console.groq.com/docs/openai (logprobs, logit_bias and messages[].name are refused, n has to be 1)
    // https://console.groq.com/docs/api-reference#chat-create (metadata is named, and not supported)
    ...FOLLOWER,
    name: 'groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    lacks: [
      'metadata',
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
    refusedEfforts: ['minimal', 'xhigh', 'max'],
    strictMessages: true,
    responses: true,
  },
  {
    // https://docs.together.ai/reference/chat-completions-1 (logprobs is a number there, and not OpenAI's)
    ...FOLLOWER,
    name: 'together',
    baseUrl: 'https://api.together.xyz/v1',
    oneLimitName: true,
    lacks: [...OPENAI_ALONE, 'logprobs', 'parallel_tool_calls', 'user'],
    reasoningField: 'reasoning',
  },
  {
    // https://api-docs.deepseek.com/api/create-chat-completion
    // https://api-docs.deepseek.com/guides/thinking_mode (on or off, effort up to `max`; reasoning of earlier turns goes back
    // with tool calls)
    ...FOLLOWER,
    name: 'deepseek',
    baseUrl: 'https://api.deepseek.com',
    oneLimitName: true,
    lacks: [
      ...OPENAI_ALONE,
      'n',
      'logit_bias',
      'seed',
      'top_k',
      'user',
      'parallel_tool_calls',
      'response_format.json_schema',
    ],
    reasoningField: 'reasoning_content',
    thinking: 'switch',
    refusedEfforts: [],
  },
  {
    // https://docs.x.ai/docs/api-reference (reasoning models refuse penalties and stop; the server says so by model)
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
    // https://openrouter.ai/docs/api/api-reference/chat/create-a-chat-completion
    // https://openrouter.ai/docs/guides/best-practices/reasoning-tokens (reasoning_details come back)
    // https://openrouter.ai/docs/guides/best-practices/prompt-caching (cache_control passes on)
    ...FOLLOWER,
    name: 'openrouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    lacks: ['tools.custom', 'n'],
    maxTokensField: 'max_completion_tokens',
    developerRole: true,
    reasoningField: 'reasoning',
    reasoningDetails: true,
    cacheControl: true,
    responses: true,
  },
  {
    // https://docs.fireworks.ai/api-reference/post-chatcompletions
    ...FOLLOWER,
    name: 'fireworks',
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    lacks: ['verbosity', 'prompt_cache_key', 'modalities', 'tools.custom'],
    reasoningField: 'reasoning_content',
    refusedEfforts: [],
    responses: true,
  },
  {
    // https://docs.perplexity.ai/api-reference/chat-completions-post (answers in JSON by a schema alone)
    // https://docs.perplexity.ai/guides/streaming-responses (figures and sources in each chunk, no end mark)
    ...FOLLOWER,
    name: 'perplexity',
    baseUrl: 'https://api.perplexity.ai',
    oneLimitName: true,
    lacks: [
      ...OPENAI_ALONE,
      'n',
      'logit_bias',
      'logprobs',
      'seed',
      'user',
      'parallel_tool_calls',
      'stream_options',
      'response_format.json_object',
    ],
    sendsDone: false,
  },
  {
    // https://inference-docs.cerebras.ai/resources/openai (no developer role; logit_bias is refused)
    ...FOLLOWER,
    name: 'cerebras',
    baseUrl: 'https://api.cerebras.ai/v1',
    lacks: [
      'metadata',
      'verbosity',
      'prompt_cache_key',
      'modalities',
      'tools.custom',
      'n',
      'logit_bias',
      'top_k',
    ],
    maxTokensField: 'max_completion_tokens',
    reasoningField: 'reasoning',
    strictMessages: true,
  },
  {
    // https://docs.api.nvidia.com/nim/reference/llm-apis
    ...FOLLOWER,
    name: 'nvidia',
    baseUrl: 'https://integrate.api.nvidia.com/v1',
    lacks: [...OPENAI_ALONE, 'n', 'logit_bias', 'parallel_tool_calls'],
  },
  {
    // https://docs.vllm.ai/en/latest/serving/openai_compatible_server
    // https://docs.vllm.ai/en/latest/features/reasoning_outputs (`reasoning`, which was `reasoning_content` before)
    ...FOLLOWER,
    name: 'vllm',
    baseUrl: undefined,
    lacks: [...OPENAI_ALONE],
    developerRole: true,
    reasoningField: 'reasoning',
    responses: true,
  },
  {
    // https://docs.sglang.io/basic_usage/openai_api_completions
    ...FOLLOWER,
    name: 'sglang',
    baseUrl: undefined,
    lacks: [...OPENAI_ALONE],
    reasoningField: 'reasoning_content',
  },
  {
    // https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
    ...FOLLOWER,
    name: 'llama.cpp',
    baseUrl: undefined,
    lacks: [...OPENAI_ALONE, 'n'],
    reasoningField: 'reasoning_content',
  },
  {
    // https://docs.ollama.com/api/openai-compatibility (no tool_choice, logit_bias, user, n)
    ...FOLLOWER,
    name: 'ollama',
    baseUrl: 'http://127.0.0.1:11434/v1',
    oneLimitName: true,
    lacks: [
      ...OPENAI_ALONE,
      'n',
      'logit_bias',
      'user',
      'parallel_tool_calls',
      'tool_choice.required',
      'top_k',
    ],
    reasoningField: 'reasoning',
    mediaUrls: false,
  },
  {
    // https://lmstudio.ai/docs/developer/openai-compat/chat-completions
    ...FOLLOWER,
    name: 'lm-studio',
    baseUrl: 'http://127.0.0.1:1234/v1',
    oneLimitName: true,
    lacks: [...OPENAI_ALONE, 'n', 'logprobs', 'user', 'parallel_tool_calls'],
    mediaUrls: false,
    responses: true,
  },
  {
    // https://huggingface.co/docs/inference-providers/tasks/chat-completion
    ...FOLLOWER,
    name: 'huggingface',
    baseUrl: 'https://router.huggingface.co/v1',
    lacks: [...OPENAI_ALONE],
  },
  {
    // https://docs.github.com/en/rest/models/inference
    ...FOLLOWER,
    name: 'github-models',
    baseUrl: 'https://models.github.ai/inference',
    lacks: [
      'metadata',
      'service_tier',
      'verbosity',
      'prompt_cache_key',
      'tools.custom',
      'n',
      'logit_bias',
      'logprobs',
      'top_k',
      'user',
      'parallel_tool_calls',
    ],
    developerRole: true,
  },
  {
    // https://docs.sambanova.ai/docs/api-reference/chat/create-chat-based-completion
    ...FOLLOWER,
    name: 'sambanova',
    baseUrl: 'https://api.sambanova.ai/v1',
    lacks: [...OPENAI_ALONE, 'n', 'logit_bias', 'logprobs', 'seed', 'user'],
    reasoningField: 'reasoning',
    mediaUrls: false,
  },
  {
    // https://docs.databricks.com/aws/en/machine-learning/foundation-model-apis/api-reference
    // https://docs.databricks.com/aws/en/machine-learning/model-serving/query-reason-models (reasoning with its state)
    ...FOLLOWER,
    name: 'databricks',
    baseUrl: undefined,
    lacks: [...OPENAI_ALONE, 'parallel_tool_calls', 'user', 'seed', 'logit_bias'],
    reasoningField: 'content.reasoning',
    thinking: 'budget',
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
