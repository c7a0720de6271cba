/** What an answer says, without the words of its wire. */
export interface Said {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly (readonly [name: unknown, input: unknown])[];
  readonly stop: string;
  readonly output: number;
}

/** What a conversation asks for, without the words of its wire. */
export interface Asked {
  readonly system?: string;
  readonly prompt: string;
  /** A picture beside the prompt: PNG in base64. */
  readonly image?: string;
  readonly tools?: readonly { readonly name: string; readonly parameters: object }[];
  readonly reasoning?: boolean;
  readonly maxTokens?: number;
  readonly schema?: object;
}

/** A chat API as a client writes and reads it: the raw turns are kept, so that the next request can carry them. */
export interface ChatSurfaceClient {
  readonly name: string;
  readonly path: string;
  headers(key: string): Record<string, string>;
  body(model: string, asked: Asked, stream: boolean): Record<string, unknown>;
  /** The same conversation, one turn on: the answer as it came, and what the tools said. */
  continued(body: Record<string, unknown>, answer: Json, results: readonly string[]): Record<string, unknown>;
  /** The same conversation after an answer without calls, with what the user says next. */
  asked(body: Record<string, unknown>, answer: Json, prompt: string): Record<string, unknown>;
  /** A whole answer, put together from a stream. */
  collect(events: readonly { event: string | undefined; data: string }[]): Json;
  read(answer: Json): Said;
  errorOf(body: Json): { type: unknown; message: string };
}

export type Json = Record<string, unknown>;

export const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);
export const record = (value: unknown): Json => (value ?? {}) as Json;
const text = (value: unknown) => (typeof value === 'string' ? value : '');
const parse = (value: unknown) => (text(value) === '' ? {} : (JSON.parse(text(value)) as unknown));
const dataUrl = (image: string) => `data:image/png;base64,${image}`;

/** Reads an event stream; comments are passed over. */
export function readEvents(stream: string): { event: string | undefined; data: string }[] {
  return stream
    .split('\n\n')
    .map((block) => {
      const lines = block.split('\n');
      const event = lines.find((line) => line.startsWith('event: '))?.slice(7);
      const data = lines
        .filter((line) => line.startsWith('data: '))
        .map((line) => line.slice(6))
        .join('\n');
      return { event, data };
    })
    .filter(({ data }) => data !== '');
}

const openAiChat: ChatSurfaceClient = {
  name: 'openai-chat',
  path: '/v1/chat/completions',
  headers: (key) => ({ authorization: `Bearer ${key}` }),
  body: (model, asked, stream) => ({
    model,
    messages: [
      ...(asked.system === undefined ? [] : [{ role: 'system', content: asked.system }]),
      {
        role: 'user',
        content:
          asked.image === undefined
            ? asked.prompt
            : [
                { type: 'text', text: asked.prompt },
                { type: 'image_url', image_url: { url: dataUrl(asked.image) } },
              ],
      },
    ],
    ...(asked.tools && { tools: asked.tools.map((tool) => ({ type: 'function', function: tool })) }),
    ...(asked.reasoning && { reasoning_effort: 'low' }),
    ...(asked.maxTokens !== undefined && { max_completion_tokens: asked.maxTokens }),
    ...(asked.schema && {
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: asked.schema } },
    }),
    ...(stream && { stream: true, stream_options: { include_usage: true } }),
  }),
  continued(body, answer, results) {
    const message = record(record(list(answer.choices)[0]).message);
    const calls = list(message.tool_calls);
    return {
      ...body,
      messages: [
        ...list(body.messages),
        message,
        ...calls.map((call, index) => ({
          role: 'tool',
          tool_call_id: call.id,
          content: results[index] ?? '',
        })),
      ],
    };
  },
  asked: (body, answer, prompt) => ({
    ...body,
    messages: [
      ...list(body.messages),
      record(record(list(answer.choices)[0]).message),
      { role: 'user', content: prompt },
    ],
  }),
  collect(events) {
    const message: Json = { role: 'assistant', content: '', reasoning_content: '', reasoning_details: [] };
    const calls: Json[] = [];
    let finish: unknown = null;
    let usage: unknown;
    const ended = events.at(-1)?.data === '[DONE]';
    for (const { data } of events) {
      if (data === '[DONE]') continue;
      const chunk = JSON.parse(data) as Json;
      if (chunk.error) throw new Error(JSON.stringify(chunk.error));
      usage = chunk.usage ?? usage;
      for (const choice of list(chunk.choices)) {
        if (choice.finish_reason !== null && choice.finish_reason !== undefined) {
          if (finish !== null) throw new Error('two finish reasons');
          finish = choice.finish_reason;
        }
        const delta = record(choice.delta);
        message.content = text(message.content) + text(delta.content);
        message.reasoning_content = text(message.reasoning_content) + text(delta.reasoning_content);
        list(message.reasoning_details).push(...list(delta.reasoning_details));
        for (const part of list(delta.tool_calls)) {
          const index = Number(part.index);
          const made = record(part.function);
          calls[index] ??= { id: part.id, type: 'function', function: { name: made.name, arguments: '' } };
          const called = record(calls[index]?.function);
          called.arguments = text(called.arguments) + text(made.arguments);
        }
      }
    }
    if (!ended) throw new Error('the stream has no [DONE]');
    if (message.reasoning_content === '') delete message.reasoning_content;
    if (list(message.reasoning_details).length === 0) delete message.reasoning_details;
    if (calls.length > 0) message.tool_calls = calls;
    return { choices: [{ index: 0, message, finish_reason: finish }], usage };
  },
  read(answer) {
    const choice = record(list(answer.choices)[0]);
    const message = record(choice.message);
    return {
      text: text(message.content),
      reasoning: text(message.reasoning_content),
      calls: list(message.tool_calls).map((call) => {
        const made = record(call.function);
        return [made.name, parse(made.arguments)];
      }),
      stop: text(choice.finish_reason),
      output: Number(record(answer.usage).completion_tokens),
    };
  },
  errorOf: (body) => {
    const error = record(body.error);
    return { type: error.code ?? error.type, message: text(error.message) };
  },
};

const STOPS_OF_MESSAGES: Record<string, string> = {
  end_turn: 'stop',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  refusal: 'content_filter',
};

const anthropicMessages: ChatSurfaceClient = {
  name: 'anthropic-messages',
  path: '/v1/messages',
  headers: (key) => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }),
  body: (model, asked, stream) => ({
    model,
    max_tokens: asked.maxTokens ?? 4_096,
    ...(asked.system !== undefined && { system: [{ type: 'text', text: asked.system }] }),
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: asked.prompt },
          ...(asked.image === undefined
            ? []
            : [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: asked.image } }]),
        ],
      },
    ],
    ...(asked.tools && {
      tools: asked.tools.map(({ name, parameters }) => ({ name, input_schema: parameters })),
    }),
    ...(asked.reasoning && { thinking: { type: 'enabled', budget_tokens: 1_024 } }),
    ...(asked.schema && { output_config: { format: { type: 'json_schema', schema: asked.schema } } }),
    ...(stream && { stream: true }),
  }),
  continued(body, answer, results) {
    const calls = list(answer.content).filter(({ type }) => type === 'tool_use');
    return {
      ...body,
      messages: [
        ...list(body.messages),
        { role: 'assistant', content: answer.content },
        {
          role: 'user',
          content: calls.map(({ id }, index) => ({
            type: 'tool_result',
            tool_use_id: id,
            content: results[index] ?? '',
          })),
        },
      ],
    };
  },
  asked: (body, answer, prompt) => ({
    ...body,
    messages: [
      ...list(body.messages),
      { role: 'assistant', content: answer.content },
      { role: 'user', content: prompt },
    ],
  }),
  collect(events) {
    let message: Json = {};
    const content: Json[] = [];
    const inputs: string[] = [];
    for (const { event, data } of events) {
      const value = JSON.parse(data) as Json;
      if (value.type !== event) throw new Error(`event ${event} holds ${String(value.type)}`);
      const index = Number(value.index);
      const block = content[index];
      const delta = record(value.delta);
      if (event === 'error') throw new Error(data);
      if (event === 'message_start') message = { ...record(value.message) };
      if (event === 'content_block_start') content[index] = { ...record(value.content_block) };
      if (event === 'content_block_delta' && block) {
        if (delta.type === 'text_delta') block.text = text(block.text) + text(delta.text);
        if (delta.type === 'thinking_delta') block.thinking = text(block.thinking) + text(delta.thinking);
        if (delta.type === 'signature_delta') block.signature = text(block.signature) + text(delta.signature);
        if (delta.type === 'input_json_delta')
          inputs[index] = (inputs[index] ?? '') + text(delta.partial_json);
      }
      if (event === 'content_block_stop' && block?.type === 'tool_use') block.input = parse(inputs[index]);
      if (event === 'message_delta') message = { ...message, ...delta, usage: value.usage };
    }
    if (events.at(-1)?.event !== 'message_stop') throw new Error('the stream has no message_stop');
    return { ...message, content };
  },
  read(answer) {
    const blocks = list(answer.content);
    return {
      text: blocks.map((block) => text(block.text)).join(''),
      reasoning: blocks.map((block) => text(block.thinking)).join(''),
      calls: blocks.filter(({ type }) => type === 'tool_use').map(({ name, input }) => [name, input]),
      stop: STOPS_OF_MESSAGES[text(answer.stop_reason)] ?? text(answer.stop_reason),
      output: Number(record(answer.usage).output_tokens),
    };
  },
  errorOf: (body) => {
    const error = record(body.error);
    return { type: error.type, message: text(error.message) };
  },
};

const openAiResponses: ChatSurfaceClient = {
  name: 'openai-responses',
  path: '/v1/responses',
  headers: (key) => ({ authorization: `Bearer ${key}` }),
  body: (model, asked, stream) => ({
    model,
    store: false,
    include: ['reasoning.encrypted_content'],
    ...(asked.system !== undefined && { instructions: asked.system }),
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: asked.prompt },
          ...(asked.image === undefined
            ? []
            : [{ type: 'input_image', image_url: dataUrl(asked.image), detail: 'auto' }]),
        ],
      },
    ],
    ...(asked.tools && { tools: asked.tools.map((tool) => ({ type: 'function', ...tool })) }),
    ...(asked.reasoning && { reasoning: { effort: 'low', summary: 'auto' } }),
    ...(asked.maxTokens !== undefined && { max_output_tokens: asked.maxTokens }),
    ...(asked.schema && {
      text: { format: { type: 'json_schema', name: 'answer', schema: asked.schema } },
    }),
    ...(stream && { stream: true }),
  }),
  continued(body, answer, results) {
    const calls = list(answer.output).filter(({ type }) => type === 'function_call');
    return {
      ...body,
      input: [
        ...list(body.input),
        ...list(answer.output),
        ...calls.map((call, index) => ({
          type: 'function_call_output',
          call_id: call.call_id,
          output: results[index] ?? '',
        })),
      ],
    };
  },
  asked: (body, answer, prompt) => ({
    ...body,
    input: [...list(body.input), ...list(answer.output), { role: 'user', content: prompt }],
  }),
  collect(events) {
    let numbered = 0;
    for (const { data } of events) {
      const value = JSON.parse(data) as Json;
      if (value.type === 'error' || value.type === 'response.failed') throw new Error(data);
      if (value.sequence_number !== numbered++) throw new Error(`event ${numbered - 1} is out of order`);
    }
    const last = JSON.parse(events.at(-1)?.data ?? '{}') as Json;
    if (last.type !== 'response.completed' && last.type !== 'response.incomplete')
      throw new Error('the stream has no last event');
    return record(last.response);
  },
  read(answer) {
    const items = list(answer.output);
    const calls = items.filter(({ type }) => type === 'function_call');
    const reason = text(record(answer.incomplete_details).reason);
    const done = calls.length > 0 ? 'tool_calls' : 'stop';
    return {
      text: items
        .flatMap((item) => list(item.content).map((part) => text(part.text) + text(part.refusal)))
        .join(''),
      reasoning: items.flatMap((item) => list(item.summary).map((part) => text(part.text))).join(''),
      calls: calls.map((call) => [call.name, parse(call.arguments)]),
      stop: reason === 'max_output_tokens' ? 'length' : reason === '' ? done : reason,
      output: Number(record(answer.usage).output_tokens),
    };
  },
  errorOf: openAiChat.errorOf,
};

/** The chat APIs that clients speak. */
export const CHAT_SURFACES: readonly ChatSurfaceClient[] = [openAiChat, openAiResponses, anthropicMessages];
