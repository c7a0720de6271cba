import { isRecord, type JsonObject } from '../json-value.ts';
import type { Prompt } from '../model/prompt.ts';
import { askModel, type ModelAnswer, type Reply, type ReplyUsage } from '../model/reply.ts';
import { OpenAiError } from '../openai/openai-error.ts';
import { readChatPrompt } from '../openai/read-chat-prompt.ts';
import type { Answer, AnswerEvent, SurfaceRequest } from '../serving/answer.ts';
import { CohereError, cohereFraming, windowError } from './cohere-wire.ts';

const finishReasons: Record<Reply['stop'], string> = {
  end: 'COMPLETE',
  stop_sequence: 'STOP_SEQUENCE',
  length: 'MAX_TOKENS',
  tool_calls: 'TOOL_CALL',
  refusal: 'COMPLETE',
  filter: 'ERROR_TOXIC',
};

/** Answers `POST /v2/chat`, https://docs.cohere.com/reference/chat. Throws `CohereError`. */
export function chat(request: SurfaceRequest): Answer {
  const answer = windowError(() => askModel(request, readPrompt(request.body)));
  const content: Answer['content'] = request.stream
    ? { kind: 'stream', events: chatEvents(request, answer), framing: cohereFraming }
    : { kind: 'json', body: JSON.stringify(chatBody(request, answer)) };
  return { inputTokens: answer.usage.input, outputTokens: answer.usage.output, content };
}

/** Cohere's request is near to OpenAI's; the spellings that differ are put into OpenAI's. */
function readPrompt(body: JsonObject): Prompt {
  const { tool_choice, stop_sequences, response_format, thinking, documents: _documents, ...rest } = body;
  const format = isRecord(response_format) ? response_format : {};
  try {
    const prompt = readChatPrompt({
      ...rest,
      stop: stop_sequences,
      tool_choice: tool_choice === 'REQUIRED' ? 'required' : tool_choice === 'NONE' ? 'none' : 'auto',
    });
    return {
      ...prompt,
      json: format.type === 'json_object' ? { schema: format.json_schema ?? format.schema } : undefined,
      thinks: isRecord(thinking) && thinking.type === 'enabled',
    };
  } catch (error) {
    if (error instanceof OpenAiError)
      throw new CohereError(error.status, `invalid request: ${error.message}`);
    throw error;
  }
}

function callsOf({ sequence }: SurfaceRequest, { toolCalls }: Reply) {
  return toolCalls.map(({ name, arguments: json }, index) => ({
    id: `${name}_sim_${sequence}_${index}`,
    type: 'function',
    function: { name, arguments: json },
  }));
}

function chatBody(request: SurfaceRequest, { replies, usage, showsUsage }: ModelAnswer): JsonObject {
  const [reply] = replies;
  if (!reply) return {};
  const { reasoning, text, toolCalls, stop } = reply;
  const content = [
    ...(reasoning.length > 0 ? [{ type: 'thinking', thinking: reasoning.join('') }] : []),
    ...(text.length > 0 && toolCalls.length === 0 ? [{ type: 'text', text: text.join('') }] : []),
  ];
  return {
    id: `sim-${request.sequence}`,
    message: {
      role: 'assistant',
      ...(content.length > 0 && { content }),
      ...(toolCalls.length > 0 && { tool_plan: text.join(''), tool_calls: callsOf(request, reply) }),
    },
    finish_reason: finishReasons[stop],
    ...(showsUsage && { usage: usageOf(usage) }),
  };
}

function usageOf({ input, output, cacheRead }: ReplyUsage): JsonObject {
  return {
    billed_units: { input_tokens: input, output_tokens: output },
    tokens: { input_tokens: input, output_tokens: output },
    cached_tokens: cacheRead,
  };
}

function chatEvents(request: SurfaceRequest, { replies, usage, showsUsage }: ModelAnswer): AnswerEvent[] {
  const events: AnswerEvent[] = [];
  const emit = (type: string, members: JsonObject, tokens = 0) =>
    events.push({ name: type, data: JSON.stringify({ type, ...members }), tokens });
  const [reply] = replies;
  emit('message-start', {
    id: `sim-${request.sequence}`,
    delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
  });
  if (reply) emitReply(emit, request, reply);
  const finish_reason = finishReasons[reply?.stop ?? 'end'];
  emit('message-end', { delta: { finish_reason, ...(showsUsage && { usage: usageOf(usage) }) } });
  return events;
}

type Emit = (type: string, members: JsonObject, tokens?: number) => void;

function emitReply(emit: Emit, request: SurfaceRequest, reply: Reply): void {
  let index = 0;
  const emitContent = (type: 'thinking' | 'text', pieces: string[]) => {
    if (pieces.length === 0) return;
    emit('content-start', { index, delta: { message: { content: { type, [type]: '' } } } });
    for (const piece of pieces)
      emit('content-delta', { index, delta: { message: { content: { [type]: piece } } } }, 1);
    emit('content-end', { index });
    index++;
  };
  emitContent('thinking', reply.reasoning);
  if (reply.toolCalls.length === 0) return emitContent('text', reply.text);
  for (const tool_plan of reply.text) emit('tool-plan-delta', { delta: { message: { tool_plan } } }, 1);
  for (const [position, call] of callsOf(request, reply).entries()) {
    const opening = { ...call, function: { ...call.function, arguments: '' } };
    emit('tool-call-start', { index: position, delta: { message: { tool_calls: opening } } });
    for (const piece of reply.toolCalls[position]?.pieces ?? []) {
      const delta = { message: { tool_calls: { function: { arguments: piece } } } };
      emit('tool-call-delta', { index: position, delta }, 1);
    }
    emit('tool-call-end', { index: position });
  }
}
