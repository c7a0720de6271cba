import { isRecord, type JsonObject } from '../json-value.ts';
import { askModel, type ModelAnswer, type Reply, type ReplyUsage } from '../model/reply.ts';
import type { Answer, SurfaceRequest } from '../serving/answer.ts';
import { sseFraming } from '../serving/sse-framing.ts';
import { checkResponsesRequest } from './check-responses-request.ts';
import { OpenAiError } from './openai-error.ts';
import { windowError } from './openai-wire.ts';
import { inputItems, readResponsesPrompt } from './read-responses-prompt.ts';
import { type OutputItem, responseEvents } from './write-response-events.ts';

const mostRemembered = 10_000;

const framing = sseFraming(() => {
  return new OpenAiError(500, 'The simulator was asked to fail in mid-stream.');
});

/** Answers `POST /v1/responses`, https://platform.openai.com/docs/api-reference/responses. Throws `OpenAiError`. */
export function responses(request: SurfaceRequest): Answer {
  const { body, sequence, remembered, stream } = request;
  checkResponsesRequest(body, inputItems(body.input), (id) => isKept(remembered, id));
  const prompt = readResponsesPrompt(body, earlierItems(request), request.signer);
  const answer = windowError(() => askModel(request, prompt));
  const items = outputItems(request, answer);
  const id = responseId(sequence);
  if (body.store !== false) {
    if (remembered.size >= mostRemembered) remembered.clear();
    remembered.set(id, [
      ...earlierItems(request),
      ...inputItems(body.input),
      ...items.map(({ item }) => item),
    ]);
  }
  const response = responseBody(request, answer, items);
  const content: Answer['content'] = stream
    ? { kind: 'stream', events: responseEvents(response, items), framing: failingFraming(response) }
    : { kind: 'json', body: JSON.stringify(response) };
  return { inputTokens: answer.usage.input, outputTokens: answer.usage.output, content };
}

/** A failed response is an event of its own, whose number follows on. */
function failingFraming(response: JsonObject) {
  const fail = (_status: number | undefined, index: number) => {
    const error = { code: 'server_error', message: 'The simulator was asked to fail in mid-stream.' };
    const failed = { ...response, status: 'failed', error, output: [], usage: null };
    const data = JSON.stringify({ type: 'response.failed', sequence_number: index, response: failed });
    return `event: response.failed\ndata: ${data}\n\n`;
  };
  return { ...framing, fail };
}

function earlierItems({ body, remembered }: SurfaceRequest): readonly unknown[] {
  const id = body.previous_response_id;
  if (id === undefined || id === null) return [];
  const items = remembered.get(String(id));
  if (items) return items;
  throw new OpenAiError(400, `Previous response with id '${id}' not found.`, {
    code: 'previous_response_not_found',
    param: 'previous_response_id',
  });
}

function isKept(remembered: SurfaceRequest['remembered'], id: unknown): boolean {
  for (const items of remembered.values())
    if (items.some((item) => isRecord(item) && item.id === id)) return true;
  return false;
}

function responseId(sequence: number): string {
  return `resp_sim_${sequence}`;
}

function outputItems(request: SurfaceRequest, { replies }: ModelAnswer): OutputItem[] {
  const [reply] = replies;
  if (!reply) return [];
  const { sequence } = request;
  const items: OutputItem[] = [];
  if (reply.reasoning.length > 0) items.push(reasoningItem(request, reply.reasoning));
  if (reply.text.length > 0 || reply.toolCalls.length === 0) items.push(messageItem(sequence, reply));
  for (const [index, call] of reply.toolCalls.entries()) {
    const shared = { status: 'completed', call_id: `call_sim_${sequence}_${index}`, name: call.name };
    const item = call.custom
      ? { id: `ctc_sim_${sequence}_${index}`, type: 'custom_tool_call', ...shared, input: call.arguments }
      : { id: `fc_sim_${sequence}_${index}`, type: 'function_call', ...shared, arguments: call.arguments };
    items.push({ item, pieces: call.pieces });
  }
  return items;
}

function reasoningItem({ body, sequence, signer }: SurfaceRequest, pieces: string[]): OutputItem {
  const text = pieces.join('');
  const wantsSealed = Array.isArray(body.include) && body.include.includes('reasoning.encrypted_content');
  // Nothing of it is shown unless it was asked for.
  const shown = isRecord(body.reasoning) && typeof body.reasoning.summary === 'string';
  return {
    item: {
      id: `rs_sim_${sequence}`,
      type: 'reasoning',
      summary: shown ? [{ type: 'summary_text', text }] : [],
      ...(wantsSealed && { encrypted_content: signer.seal(text) }),
    },
    pieces: shown ? pieces : [],
  };
}

function messageItem(sequence: number, { text, stop }: Reply): OutputItem {
  const part =
    stop === 'refusal'
      ? { type: 'refusal', refusal: text.join('') }
      : { type: 'output_text', text: text.join(''), annotations: [], logprobs: [] };
  const item = {
    id: `msg_sim_${sequence}`,
    type: 'message',
    status: 'completed',
    role: 'assistant',
    content: [part],
  };
  return { item, pieces: text };
}

function responseBody(
  request: SurfaceRequest,
  { replies, usage, showsUsage }: ModelAnswer,
  items: OutputItem[],
) {
  const { body, sequence, created, model } = request;
  const incomplete = incompleteReasons[replies[0]?.stop ?? 'end'];
  return {
    id: responseId(sequence),
    object: 'response',
    created_at: created,
    status: incomplete ? 'incomplete' : 'completed',
    background: false,
    error: null,
    incomplete_details: incomplete ? { reason: incomplete } : null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    model,
    output: items.map(({ item }) => item),
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    reasoning: body.reasoning ?? { effort: null, summary: null },
    service_tier: 'default',
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: body.text ?? { format: { type: 'text' } },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_p: body.top_p ?? 1,
    truncation: body.truncation ?? 'disabled',
    usage: showsUsage ? usageOf(usage) : null,
    user: body.user ?? null,
    metadata: body.metadata ?? {},
  };
}

const incompleteReasons: Partial<Record<Reply['stop'], string>> = {
  length: 'max_output_tokens',
  filter: 'content_filter',
};

function usageOf({ input, output, cacheRead, reasoning }: ReplyUsage): JsonObject {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cacheRead },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}
