import type { Told } from './server-streams.ts';

/** One whole answer as a server of this wire sends it. */
export interface ServerAnswer {
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly told: Told;
  /** What the APIs that it is translated to cannot say, by its name; in any of them. */
  readonly dropped?: readonly string[];
}

type Members = Readonly<Record<string, unknown>>;

const HEAD = { id: 'one', object: 'chat.completion', created: 1_760_000_000, model: 'm' };
const TOTALS = { prompt_tokens: 20, completion_tokens: 8, total_tokens: 28 };
const PLAIN_USAGE = { input: 20, output: 8 };
const answer = (message: Members, reason: unknown, rest: Members = {}, choice: Members = {}) => ({
  ...HEAD,
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: reason, ...choice }],
  usage: TOTALS,
  ...rest,
});
const call = (id: unknown, name: string, text: unknown, rest: Members = {}) => ({
  id,
  type: 'function',
  function: { name, arguments: text },
  ...rest,
});

export const SERVER_ANSWERS: readonly ServerAnswer[] = [
  {
    name: 'OpenAI: all members, most of them empty',
    body: answer(
      { content: 'Hi', refusal: null, annotations: [], audio: null, tool_calls: null, function_call: null },
      'stop',
      {
        service_tier: 'default',
        system_fingerprint: null,
        usage: {
          ...TOTALS,
          prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 },
          completion_tokens_details: {
            reasoning_tokens: 3,
            audio_tokens: 0,
            accepted_prediction_tokens: 2,
            rejected_prediction_tokens: 1,
          },
        },
      },
      { logprobs: null },
    ),
    told: { text: 'Hi', stop: 'end', usage: { input: 16, cache_read: 4, reasoning: 3, output: 5 } },
  },
  {
    name: 'OpenAI: a refusal',
    body: answer({ content: null, refusal: 'No.' }, 'stop'),
    told: { stop: 'end', usage: PLAIN_USAGE },
  },
  {
    name: 'OpenAI: a sound',
    body: answer(
      { content: null, audio: { id: 'audio_1', data: 'AAAA', transcript: 'Hi', expires_at: 1 } },
      'stop',
      {
        usage: {
          ...TOTALS,
          prompt_tokens_details: { audio_tokens: 6, cached_tokens: 0, text_tokens: 14 },
          completion_tokens_details: { audio_tokens: 5, text_tokens: 3, reasoning_tokens: 0 },
        },
      },
    ),
    told: { stop: 'end', usage: { input: 14, audio_input: 6, audio_output: 5, output: 3 } },
  },
  {
    name: 'OpenAI: the older function_call',
    body: answer({ content: null, function_call: { name: 'f', arguments: '{}' } }, 'function_call'),
    told: { calls: ['call_one_0_0 f {}'], stop: 'tool_calls', usage: PLAIN_USAGE },
  },
  {
    name: 'Azure: the filter took all of the answer',
    body: {
      ...HEAD,
      choices: [
        {
          index: 0,
          finish_reason: 'content_filter',
          content_filter_results: { hate: { filtered: true, severity: 'high' } },
        },
      ],
      prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }],
      usage: { completion_tokens: 0, prompt_tokens: 20, total_tokens: 20 },
    },
    told: { stop: 'content_filter', usage: { input: 20 } },
    dropped: ['content_filter_results', 'prompt_filter_results'],
  },
  {
    name: 'Mistral: thinking, references and a window that is full',
    body: answer(
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }], closed: true },
          { type: 'text', text: 'A' },
          { type: 'reference', reference_ids: [0] },
          { type: 'text', text: 'B' },
        ],
        tool_calls: null,
        prefix: false,
      },
      'model_length',
      { usage: { ...TOTALS, prompt_tokens_details: { cached_tokens: 0 }, num_cached_tokens: 0 } },
    ),
    told: { reasoning: 'Hm', text: 'AB', stop: 'context_full', usage: PLAIN_USAGE },
  },
  {
    name: 'Mistral: calls without a type, an empty text beside them',
    body: answer(
      {
        content: '',
        tool_calls: [{ id: 'abcDEF123', function: { name: 'f', arguments: '{"a": 1}' }, index: 0 }],
      },
      'tool_calls',
    ),
    told: { calls: ['abcDEF123 f {"a": 1}'], stop: 'tool_calls', usage: PLAIN_USAGE },
  },
  {
    name: 'Groq: reasoning, figures with times',
    body: answer({ content: 'Hi', reasoning: 'Hm' }, 'stop', {
      usage: { ...TOTALS, queue_time: 0.1, prompt_time: 0.1, completion_time: 0.1, total_time: 0.3 },
      usage_breakdown: null,
      x_groq: { id: 'req_1' },
    }),
    told: { text: 'Hi', reasoning: 'Hm', stop: 'end', usage: PLAIN_USAGE },
    dropped: ['x_groq'],
  },
  {
    name: 'DeepSeek: reasoning beside calls, and a reason of its own',
    body: answer(
      { content: '', reasoning_content: 'Hm', tool_calls: [call('call_0', 'f', '{}', { index: 0 })] },
      'insufficient_system_resource',
      { usage: { ...TOTALS, prompt_cache_hit_tokens: 16, prompt_cache_miss_tokens: 4 } },
    ),
    told: {
      reasoning: 'Hm',
      calls: ['call_0 f {}'],
      stop: 'failed',
      usage: { input: 4, cache_read: 16, output: 8 },
    },
  },
  {
    name: 'OpenRouter: details with state, sources, a file that was read',
    body: answer(
      {
        content: 'Hi',
        refusal: null,
        reasoning: 'Hm',
        reasoning_details: [
          { type: 'reasoning.text', text: 'Hm', signature: 'sig', format: 'anthropic-claude-v1', index: 0 },
        ],
        annotations: [
          {
            type: 'url_citation',
            url_citation: { url: 'https://a.test', title: 'A', start_index: 0, end_index: 2 },
          },
          { type: 'file', file: { hash: 'h', name: 'a.pdf', content: [] } },
        ],
      },
      'stop',
      { provider: 'One' },
      { logprobs: null, native_finish_reason: 'end_turn' },
    ),
    told: {
      text: 'Hi',
      reasoning: 'Hm',
      signatures: ['sig'],
      citations: ['https://a.test'],
      stop: 'end',
      usage: PLAIN_USAGE,
    },
    dropped: ['provider', 'native_finish_reason', 'annotations'],
  },
  {
    name: 'OpenRouter: a picture',
    body: answer(
      {
        content: '',
        images: [{ type: 'image_url', index: 0, image_url: { url: 'data:image/png;base64,AAAA' } }],
      },
      'stop',
      { usage: { ...TOTALS, completion_tokens_details: { image_tokens: 7, reasoning_tokens: 0 } } },
    ),
    told: { stop: 'end', usage: { input: 20, image_output: 7, output: 1 } },
  },
  {
    name: 'Perplexity: sources of the whole answer',
    body: answer({ content: 'Hi [1]' }, 'stop', {
      citations: ['https://a.test'],
      search_results: [{ title: 'A', url: 'https://a.test', date: '2026-01-01', snippet: 'q' }],
      usage: { ...TOTALS, search_context_size: 'low', citation_tokens: 90, num_search_queries: 2 },
    }),
    told: { text: 'Hi [1]', citations: ['https://a.test'], stop: 'end', usage: PLAIN_USAGE },
  },
  {
    name: "Gemini's compatible endpoint: signed calls, `stop` as the reason",
    body: answer(
      {
        tool_calls: [
          call('', 'f', '{"a":1}', { extra_content: { google: { thought_signature: 'sig' } } }),
          call('c2', 'g', ''),
        ],
      },
      'stop',
      { usage: { prompt_tokens: 20, completion_tokens: 8, total_tokens: 40 } },
    ),
    told: {
      calls: ['call_one_0_0 f {"a":1}', 'c2 g '],
      signatures: ['sig'],
      stop: 'tool_calls',
      usage: { input: 20, output: 8, reasoning: 12 },
    },
  },
  {
    name: 'Databricks: reasoning that only its maker can read',
    body: answer(
      {
        content: [
          { type: 'reasoning', summary: [{ type: 'summary_encrypted_text', data: 'enc' }] },
          { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm', signature: 'sig' }] },
          { type: 'text', text: 'Hi' },
        ],
      },
      'stop',
      { usage: { ...TOTALS, cache_read_input_tokens: 5, cache_creation_input_tokens: 3 } },
    ),
    told: {
      reasoning: 'Hm',
      text: 'Hi',
      signatures: ['sig'],
      stop: 'end',
      usage: { input: 12, cache_read: 5, cache_write: 3, output: 8 },
    },
  },
  {
    name: 'Ollama and TGI: arguments as an object, no time and no index',
    body: {
      id: 'one',
      model: 'm',
      choices: [
        {
          message: { role: 'assistant', content: null, tool_calls: [call('0', 'f', { a: 1 })] },
          finish_reason: 'stop',
        },
      ],
      usage: TOTALS,
    },
    told: { calls: ['0 f {"a":1}'], stop: 'tool_calls', usage: PLAIN_USAGE },
  },
  {
    name: 'llama.cpp: timings beside the figures',
    body: answer({ content: 'Hi' }, 'length', { timings: { prompt_n: 1 }, __verbose: { a: 1 } }),
    told: { text: 'Hi', stop: 'length', usage: PLAIN_USAGE },
    dropped: ['timings', '__verbose'],
  },
  {
    name: "Gemini's compatible endpoint: a filter that took all",
    body: {
      ...HEAD,
      choices: [{ index: 0, finish_reason: 'content_filter: PROHIBITED_CONTENT' }],
      usage: TOTALS,
    },
    told: { stop: 'content_filter', usage: PLAIN_USAGE },
  },
  {
    name: 'a server that gives no reason, and says null for arguments that there are none of',
    body: answer({ content: null, tool_calls: [call('c1', 'f', 'null'), call('c2', 'g', null)] }, ''),
    told: { calls: ['c1 f ', 'c2 g '], stop: 'tool_calls', usage: PLAIN_USAGE },
  },
  {
    name: 'no choices at all',
    body: { ...HEAD, choices: [], usage: { prompt_tokens: 20, completion_tokens: 0, total_tokens: 20 } },
    told: { usage: { input: 20 } },
  },
];
