/** What a client should hold after a stream. Texts are joined; calls are `id name arguments`. */
export interface Told {
  readonly text?: string;
  readonly reasoning?: string;
  readonly calls?: readonly string[];
  /** Addresses. */
  readonly citations?: readonly string[];
  readonly signatures?: readonly string[];
  readonly stop?: string;
  readonly model?: string;
  /** Figures in disjoint classes. */
  readonly usage?: Readonly<Record<string, number>>;
  readonly error?: string;
}

/** One stream as a server of this wire sends it. */
export interface ServerStream {
  readonly name: string;
  readonly preset: string;
  /** The bytes. */
  readonly stream: string;
  readonly told: Told;
  /** It has no `[DONE]`. */
  readonly closes?: boolean;
}

type Members = Readonly<Record<string, unknown>>;

const HEAD = { id: 'one', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'm' };
const TOTALS = { prompt_tokens: 20, completion_tokens: 8, total_tokens: 28 };
const PLAIN_USAGE = { input: 20, output: 8 };
const DONE = 'data: [DONE]\n\n';

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
/** As Python's json.dumps writes, which many servers use: with spaces. */
const spaced = (value: unknown) => `data: ${JSON.stringify(value, null, 1).replace(/\n */g, ' ')}\r\n\r\n`;
const choice = (delta: Members, rest: Members = {}) => ({ index: 0, delta, finish_reason: null, ...rest });
const chunk = (delta: Members, rest: Members = {}, top: Members = {}) =>
  data({ ...HEAD, choices: [choice(delta, rest)], ...top });
const called = (
  index: number | undefined,
  id: string | undefined,
  name: string | undefined,
  text: unknown,
) => ({
  ...(index !== undefined && { index }),
  ...(id !== undefined && { id, type: 'function' }),
  function: { ...(name !== undefined && { name }), arguments: text },
});
const stop = (reason: string, rest: Members = {}, top: Members = {}) =>
  chunk({}, { finish_reason: reason, ...rest }, top);
const usageChunk = (usage: Members, rest: Members = {}) => data({ ...HEAD, choices: [], usage, ...rest });

export const SERVER_STREAMS: readonly ServerStream[] = [
  {
    name: 'OpenAI: log probabilities, padding, a refusal that is null, figures at the end',
    preset: 'openai',
    stream: [
      chunk(
        { role: 'assistant', content: '', refusal: null },
        { logprobs: null },
        { service_tier: 'default', system_fingerprint: 'fp', usage: null, obfuscation: 'x' },
      ),
      chunk(
        { content: 'Hé' },
        {
          logprobs: {
            content: [{ token: 'Hé', logprob: -0.1, bytes: [72], top_logprobs: [] }],
            refusal: null,
          },
        },
        { usage: null, obfuscation: 'yz' },
      ),
      stop('stop', { logprobs: null }, { usage: null, obfuscation: '' }),
      usageChunk(
        {
          ...TOTALS,
          prompt_tokens_details: { cached_tokens: 5, audio_tokens: 2 },
          completion_tokens_details: {
            reasoning_tokens: 3,
            audio_tokens: 1,
            accepted_prediction_tokens: 0,
            rejected_prediction_tokens: 0,
          },
        },
        { obfuscation: 'a' },
      ),
      DONE,
    ].join(''),
    told: {
      text: 'Hé',
      stop: 'end',
      usage: { input: 13, cache_read: 5, audio_input: 2, reasoning: 3, audio_output: 1, output: 4 },
    },
  },
  {
    name: 'OpenAI: two calls, one after the other',
    preset: 'openai',
    stream: [
      chunk({ role: 'assistant', content: null, tool_calls: [called(0, 'call_a', 'f', '')] }),
      chunk({ tool_calls: [called(0, undefined, undefined, '{"a"')] }),
      chunk({ tool_calls: [called(0, undefined, undefined, ':1}')] }),
      chunk({ tool_calls: [called(1, 'call_b', 'g', '')] }),
      chunk({ tool_calls: [called(1, undefined, undefined, '{"b":2}')] }),
      stop('tool_calls'),
      usageChunk(TOTALS),
      DONE,
    ].join(''),
    told: { calls: ['call_a f {"a":1}', 'call_b g {"b":2}'], stop: 'tool_calls', usage: PLAIN_USAGE },
  },
  {
    name: 'OpenAI: the older function_call',
    preset: 'openai',
    stream: [
      chunk({ role: 'assistant', content: null, function_call: { name: 'f', arguments: '' } }),
      chunk({ function_call: { arguments: '{"a":' } }),
      chunk({ function_call: { arguments: '1}' } }),
      stop('function_call'),
      DONE,
    ].join(''),
    told: { calls: ['call_one_0_0 f {"a":1}'], stop: 'tool_calls' },
  },
  {
    name: 'Azure: what its filter says, before the answer has a name and beside it',
    preset: 'openai',
    stream: [
      data({
        choices: [],
        created: 0,
        id: '',
        model: '',
        object: '',
        prompt_filter_results: [{ prompt_index: 0, content_filter_results: { hate: { filtered: false } } }],
      }),
      chunk({ role: 'assistant', content: '' }, { content_filter_results: {} }),
      chunk({ content: 'Hi' }, { content_filter_results: { hate: { filtered: false, severity: 'safe' } } }),
      data({
        ...HEAD,
        choices: [
          {
            index: 0,
            finish_reason: null,
            content_filter_offsets: { check_offset: 44 },
            content_filter_results: {},
          },
        ],
      }),
      stop('content_filter', { content_filter_results: { violence: { filtered: true } } }),
      DONE,
    ].join(''),
    told: { text: 'Hi', stop: 'content_filter', model: 'm' },
  },
  {
    name: 'Mistral: thinking and text as lists, an empty chunk between, padding',
    preset: 'mistral',
    stream: [
      chunk({ role: 'assistant', content: '' }),
      data({ ...HEAD, choices: [], usage: null }),
      chunk(
        { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'So' }], closed: true }] },
        {},
        { p: 'abc' },
      ),
      chunk({
        content: [
          {
            type: 'thinking',
            thinking: [
              { type: 'text', text: '.' },
              { type: 'reference', reference_ids: [1] },
            ],
          },
          { type: 'text', text: '4' },
        ],
      }),
      chunk({ content: [{ type: 'reference', reference_ids: [0] }] }),
      chunk(
        { content: '2' },
        { finish_reason: 'stop' },
        {
          usage: { ...TOTALS, prompt_tokens_details: { cached_tokens: 4 }, service_tier: 'standard' },
          p: 'a',
        },
      ),
      DONE,
    ].join(''),
    told: { reasoning: 'So.', text: '42', stop: 'end', usage: { input: 16, cache_read: 4, output: 8 } },
  },
  {
    name: 'Mistral: a call in pieces with an empty name, the index in the delta too',
    preset: 'mistral',
    stream: [
      chunk({ tool_calls: [called(0, 'chatcmpl-1', 'f', '')], index: 0, content: '' }, { logprobs: null }),
      chunk({ tool_calls: [called(0, undefined, '', '{"a":1}')], index: 0, content: '' }, { logprobs: null }),
      chunk({ index: 0, content: '' }, { finish_reason: 'tool_calls' }, { usage: TOTALS }),
      DONE,
    ].join(''),
    told: { calls: ['chatcmpl-1 f {"a":1}'], stop: 'tool_calls', usage: PLAIN_USAGE },
  },
  {
    name: 'Groq: figures twice, reasoning with its channel',
    preset: 'groq',
    stream: [
      chunk({ role: 'assistant', content: '' }, { logprobs: null }, { x_groq: { id: 'req_1', seed: 5 } }),
      chunk({ reasoning: 'Hm', channel: 'analysis' }),
      chunk({ content: 'Hi' }),
      stop(
        'stop',
        {},
        {
          x_groq: { id: 'req_1', usage: { ...TOTALS, queue_time: 0.1, total_time: 0.2 } },
          usage: { ...TOTALS, queue_time: 0.1, total_time: 0.2 },
        },
      ),
      DONE,
    ].join(''),
    told: { reasoning: 'Hm', text: 'Hi', stop: 'end', usage: PLAIN_USAGE },
  },
  {
    name: 'Groq: an error in the middle, under its own name',
    preset: 'groq',
    stream: [
      chunk({ content: 'H' }),
      data({ ...HEAD, choices: [], x_groq: { id: 'r', error: 'over capacity' } }),
    ].join(''),
    told: { text: 'H', error: 'provider_error' },
  },
  {
    name: 'DeepSeek: keep-alives, reasoning beside content that is null',
    preset: 'deepseek',
    stream: [
      ': keep-alive\n\n: keep-alive\n\n',
      chunk({ role: 'assistant', content: null, reasoning_content: '' }, { logprobs: null }, { usage: null }),
      chunk({ content: null, reasoning_content: 'Hm' }, { logprobs: null }, { usage: null }),
      chunk({ content: 'Hi', reasoning_content: null }, { logprobs: null }, { usage: null }),
      chunk(
        { content: '', reasoning_content: null },
        { finish_reason: 'stop' },
        {
          usage: {
            ...TOTALS,
            prompt_tokens_details: { cached_tokens: 16 },
            completion_tokens_details: { reasoning_tokens: 6 },
            prompt_cache_hit_tokens: 16,
            prompt_cache_miss_tokens: 4,
          },
        },
      ),
      DONE,
    ].join(''),
    told: {
      reasoning: 'Hm',
      text: 'Hi',
      stop: 'end',
      usage: { input: 4, cache_read: 16, reasoning: 6, output: 2 },
    },
  },
  {
    name: 'xAI: no finish_reason until the end, figures in each chunk, reasoning beside the completion',
    preset: 'xai',
    stream: [
      data({ ...HEAD, choices: [{ index: 0, delta: { role: 'assistant', reasoning_content: 'Hm' } }] }),
      data({
        ...HEAD,
        choices: [{ index: 0, delta: { tool_calls: [called(0, 'call_1', 'f', '{"a":1}')] } }],
        usage: { prompt_tokens: 20, completion_tokens: 1, total_tokens: 21 },
      }),
      data({ ...HEAD, choices: [{ index: 0, delta: { content: '' }, finish_reason: 'tool_calls' }] }),
      usageChunk(
        {
          prompt_tokens: 20,
          completion_tokens: 8,
          total_tokens: 58,
          prompt_tokens_details: { text_tokens: 20, audio_tokens: 0, image_tokens: 0, cached_tokens: 19 },
          completion_tokens_details: { reasoning_tokens: 30, audio_tokens: 0 },
          num_sources_used: 0,
        },
        { citations: [] },
      ),
      DONE,
    ].join(''),
    told: {
      reasoning: 'Hm',
      calls: ['call_1 f {"a":1}'],
      stop: 'tool_calls',
      usage: { input: 1, cache_read: 19, output: 8, reasoning: 30 },
    },
  },
  {
    name: 'OpenRouter: comments, reasoning with its state, the last chunk again with figures',
    preset: 'openrouter',
    stream: [
      ': OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n',
      chunk(
        {
          role: 'assistant',
          content: '',
          reasoning: 'Hm',
          reasoning_details: [
            { type: 'reasoning.text', text: 'Hm', format: 'anthropic-claude-v1', index: 0 },
          ],
        },
        { native_finish_reason: null, logprobs: null },
        { provider: 'One' },
      ),
      chunk({
        role: 'assistant',
        content: '',
        reasoning: null,
        reasoning_details: [
          { type: 'reasoning.text', signature: 'sig', format: 'anthropic-claude-v1', index: 0 },
        ],
      }),
      chunk({ role: 'assistant', content: 'Hi' }),
      chunk({
        role: 'assistant',
        content: '',
        annotations: [
          {
            type: 'url_citation',
            url_citation: { url: 'https://a.test', title: 'A', content: 'q', start_index: 0, end_index: 0 },
          },
        ],
      }),
      chunk({ role: 'assistant', content: '' }, { finish_reason: 'stop', native_finish_reason: 'end_turn' }),
      chunk(
        { role: 'assistant', content: '' },
        { finish_reason: 'stop', native_finish_reason: 'end_turn' },
        {
          usage: {
            ...TOTALS,
            cost: 0.1,
            is_byok: false,
            prompt_tokens_details: {
              cached_tokens: 3,
              cache_write_tokens: 2,
              audio_tokens: 0,
              video_tokens: 0,
            },
            cost_details: { upstream_inference_cost: null },
            completion_tokens_details: { reasoning_tokens: 5, image_tokens: 0 },
          },
        },
      ),
      DONE,
    ].join(''),
    told: {
      reasoning: 'Hm',
      text: 'Hi',
      signatures: ['sig'],
      citations: ['https://a.test'],
      stop: 'end',
      usage: { input: 15, cache_read: 3, cache_write: 2, reasoning: 5, output: 3 },
    },
  },
  {
    name: 'OpenRouter: an error after the first words',
    preset: 'openrouter',
    stream: [
      chunk({ role: 'assistant', content: 'Hi' }),
      chunk(
        { content: '' },
        { finish_reason: 'error', native_finish_reason: 'error' },
        {
          error: {
            code: 429,
            message: 'Provider returned error',
            metadata: { raw: 'slower, please', provider_name: 'One' },
          },
          usage: TOTALS,
        },
      ),
      DONE,
    ].join(''),
    told: { text: 'Hi', error: 'rate_limited', usage: PLAIN_USAGE },
  },
  {
    name: 'Perplexity: the message so far beside the delta, sources in each chunk, no end mark',
    preset: 'perplexity',
    stream: ['Hi', ' there [1]', '']
      .map((content, index) =>
        spaced({
          id: 'one',
          model: 'm',
          created: 1_760_000_000,
          usage: { ...TOTALS, search_context_size: 'low', cost: { total_cost: 0.1 } },
          citations: ['https://a.test', 'https://b.test'],
          search_results: [
            { title: 'A', url: 'https://a.test', date: '2026-01-01', snippet: 'q' },
            { title: 'B', url: 'https://b.test', date: null },
          ],
          object: index === 2 ? 'chat.completion.done' : 'chat.completion.chunk',
          choices: [
            {
              index: 0,
              finish_reason: index === 2 ? 'stop' : null,
              message: { role: 'assistant', content: 'Hi there [1]' },
              delta: { role: 'assistant', content },
            },
          ],
        }),
      )
      .join(''),
    told: {
      text: 'Hi there [1]',
      citations: ['https://a.test', 'https://b.test'],
      stop: 'end',
      usage: PLAIN_USAGE,
    },
    closes: true,
  },
  {
    name: 'vLLM: an empty list of calls in each chunk, members that are null, figures so far',
    preset: 'vllm',
    stream: [
      chunk(
        { role: 'assistant', content: '', reasoning_content: 'Hm', tool_calls: [] },
        { stop_reason: null },
      ),
      chunk({ tool_calls: [{ id: 'chatcmpl-tool-1', type: 'function', index: 0, function: { name: 'f' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '' } }] }),
      chunk({
        tool_calls: [{ index: 0, id: null, type: null, function: { name: null, arguments: '{"a": 1}' } }],
      }),
      chunk(
        { content: '' },
        { finish_reason: 'tool_calls', stop_reason: 128_008, token_ids: null },
        { usage: { prompt_tokens: 20, completion_tokens: 7, total_tokens: 27 } },
      ),
      usageChunk({ ...TOTALS, prompt_tokens_details: null }),
      DONE,
    ].join(''),
    told: {
      reasoning: 'Hm',
      calls: ['chatcmpl-tool-1 f {"a": 1}'],
      stop: 'tool_calls',
      usage: PLAIN_USAGE,
    },
  },
  {
    name: 'vLLM: a call, and still `stop`',
    preset: 'vllm',
    stream: [chunk({ tool_calls: [called(0, 'c1', 'f', '{}')] }), stop('stop'), DONE].join(''),
    told: { calls: ['c1 f {}'], stop: 'tool_calls' },
  },
  {
    name: 'vLLM: an error in the middle',
    preset: 'vllm',
    stream: [
      chunk({ content: 'H' }),
      data({ error: { message: 'engine died', type: 'InternalServerError', param: null, code: 500 } }),
      DONE,
    ].join(''),
    told: { text: 'H', error: 'provider_error' },
  },
  {
    name: 'SGLang: reasoning apart from the details',
    preset: 'sglang',
    stream: [
      chunk(
        { role: 'assistant', content: '', reasoning_content: null, tool_calls: null },
        { matched_stop: null },
      ),
      chunk({ content: 'Hi', reasoning_content: null }),
      stop('stop', { matched_stop: 2 }),
      usageChunk({ ...TOTALS, prompt_tokens_details: null, reasoning_tokens: 6 }),
      DONE,
    ].join(''),
    told: { text: 'Hi', stop: 'end', usage: { input: 20, reasoning: 6, output: 2 } },
  },
  {
    name: 'llama.cpp: timings, content that is null in the first chunk',
    preset: 'llama.cpp',
    stream: [
      chunk({ role: 'assistant', content: null }, {}, { system_fingerprint: 'b1' }),
      chunk({ content: 'Hi' }),
      stop('length'),
      usageChunk(TOTALS, { timings: { prompt_n: 20, cache_n: 0, predicted_per_second: 9.5 } }),
      DONE,
    ].join(''),
    told: { text: 'Hi', stop: 'length', usage: PLAIN_USAGE },
  },
  {
    name: 'Ollama: whole calls, all with the number 0, `stop` as the reason',
    preset: 'ollama',
    stream: [
      chunk({ role: 'assistant', content: '', reasoning: 'Hm' }),
      chunk({ role: 'assistant', content: '', tool_calls: [called(0, 'call_a', 'f', '{"a":1}')] }),
      chunk({ role: 'assistant', content: '', tool_calls: [called(0, 'call_b', 'f', '{"a":2}')] }),
      stop('stop'),
      usageChunk(TOTALS),
      DONE,
    ].join(''),
    told: {
      reasoning: 'Hm',
      calls: ['call_a f {"a":1}', 'call_b f {"a":2}'],
      stop: 'tool_calls',
      usage: PLAIN_USAGE,
    },
  },
  {
    name: 'a server whose calls have neither number nor id, arguments as an object',
    preset: 'generic',
    stream: [
      chunk({ tool_calls: [called(undefined, undefined, 'f', { a: 1 })] }),
      stop('tool_calls'),
      DONE,
    ].join(''),
    told: { calls: ['call_one_0_0 f {"a":1}'], stop: 'tool_calls' },
  },
  {
    name: "Gemini's compatible endpoint: signed calls without a number, reasoning only the total knows",
    preset: 'generic',
    stream: [
      data({
        choices: [
          {
            delta: {
              role: 'assistant',
              tool_calls: [
                {
                  extra_content: { google: { thought_signature: 'sig' } },
                  function: { arguments: '{"a":1}', name: 'f' },
                  id: 'function-call-1',
                  type: 'function',
                },
              ],
            },
            index: 0,
          },
        ],
        created: 1_760_000_000,
        id: 'one',
        model: 'm',
        object: 'chat.completion.chunk',
        usage: { completion_tokens: 5, prompt_tokens: 20, total_tokens: 45 },
      }),
      data({
        choices: [
          {
            delta: {
              role: 'assistant',
              tool_calls: [
                { function: { arguments: '{"a":2}', name: 'f' }, id: 'function-call-2', type: 'function' },
              ],
            },
            finish_reason: 'stop',
            index: 0,
          },
        ],
        created: 1_760_000_000,
        id: 'one',
        model: 'm',
        object: 'chat.completion.chunk',
        usage: { completion_tokens: 8, prompt_tokens: 20, total_tokens: 48 },
      }),
      DONE,
    ].join(''),
    told: {
      calls: ['function-call-1 f {"a":1}', 'function-call-2 f {"a":2}'],
      signatures: ['sig'],
      stop: 'tool_calls',
      usage: { input: 20, output: 8, reasoning: 20 },
    },
  },
  {
    name: 'Together: the last chunk with figures that hold the cache beside the totals',
    preset: 'together',
    stream: [
      data({
        ...HEAD,
        choices: [
          {
            index: 0,
            text: 'Hi',
            logprobs: null,
            finish_reason: null,
            seed: null,
            delta: { token_id: 5, role: 'assistant', content: 'Hi', tool_calls: null },
          },
        ],
        usage: null,
      }),
      data({
        ...HEAD,
        choices: [
          { index: 0, text: '', finish_reason: 'eos', seed: 7, delta: { role: 'assistant', content: '' } },
        ],
        usage: { ...TOTALS, cached_tokens: 4 },
      }),
      DONE,
    ].join(''),
    told: { text: 'Hi', stop: 'end', usage: { input: 16, cache_read: 4, output: 8 } },
  },
  {
    name: 'Text Generation Inference: no id, an empty word for the reason until there is one',
    preset: 'huggingface',
    stream: [
      data({
        id: '',
        object: HEAD.object,
        created: 1,
        model: 'm',
        choices: [choice({ role: 'assistant', content: 'Hi' }, { finish_reason: '' })],
      }),
      data({
        id: '',
        object: HEAD.object,
        created: 1,
        model: 'm',
        choices: [choice({ content: '!' }, { finish_reason: 'eos_token' })],
      }),
      data({ id: '', object: HEAD.object, created: 1, model: 'm', choices: [], usage: TOTALS }),
      DONE,
    ].join(''),
    told: { text: 'Hi!', stop: 'end', usage: PLAIN_USAGE },
  },
  {
    name: 'Text Generation Inference: an error as text',
    preset: 'huggingface',
    stream: [
      chunk({ content: 'H' }),
      data({ error: 'Request failed during generation', error_type: 'generation' }),
    ].join(''),
    told: { text: 'H', error: 'provider_error' },
  },
  {
    name: 'Databricks: reasoning as summaries with a signature',
    preset: 'databricks',
    stream: [
      chunk({
        role: 'assistant',
        content: [{ type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm', signature: '' }] }],
      }),
      chunk({
        content: [{ type: 'reasoning', summary: [{ type: 'summary_text', text: '', signature: 'sig' }] }],
      }),
      chunk({ content: [{ type: 'text', text: 'Hi' }] }),
      stop('stop', {}, { usage: TOTALS }),
      DONE,
    ].join(''),
    told: { reasoning: 'Hm', signatures: ['sig'], text: 'Hi', stop: 'end', usage: PLAIN_USAGE },
  },
  {
    name: 'Groq: the word null for arguments, and no reason before the end',
    preset: 'groq',
    stream: [chunk({ tool_calls: [called(0, 'c1', 'f', 'null')] }), usageChunk(TOTALS), DONE].join(''),
    told: { calls: ['c1 f '], stop: 'tool_calls', usage: PLAIN_USAGE },
  },
  {
    name: 'Cohere: a chunk that only ends, figures with it',
    preset: 'generic',
    stream: [
      data({
        id: 'one',
        choices: [{ index: 0, finish_reason: null, delta: { content: 'Hi', role: 'assistant' } }],
        created: 1,
        model: 'm',
        object: HEAD.object,
      }),
      data({
        id: 'one',
        choices: [{ index: 0, finish_reason: 'stop', delta: {} }],
        created: 1,
        model: 'm',
        object: HEAD.object,
        usage: TOTALS,
      }),
      'data: [DONE] \n\n',
    ].join(''),
    told: { text: 'Hi', stop: 'end', usage: PLAIN_USAGE },
  },
];
