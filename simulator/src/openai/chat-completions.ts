import { isRecord, type JsonObject } from '../json-value.ts';
import { askModel, type Reply } from '../model/reply.ts';
import { type Answer, type AnswerEvent, type SurfaceRequest, systemFingerprint } from '../serving/answer.ts';
import type { Framing } from '../serving/framing.ts';
import { openAiFraming, windowError } from './openai-wire.ts';
import { readChatPrompt } from './read-chat-prompt.ts';
import { usageOf } from './report-usage.ts';

/** What Azure adds to OpenAI's form. Each member appears where Azure puts it. */
export interface ChatDialect {
  framing: Framing;
  /** Members of the answer, and in a stream of a first event without choices. */
  promptExtra?: JsonObject;
  /** Members of each choice. */
  choiceExtra?: (reply: Reply) => JsonObject;
}

/** Answers `POST /v1/chat/completions`, https://platform.openai.com/docs/api-reference/chat. Throws `OpenAiError`. */
export function chatCompletions(
  request: SurfaceRequest,
  dialect: ChatDialect = { framing: openAiFraming },
): Answer {
  const { body, stream } = request;
  const { replies, usage: counts, showsUsage } = windowError(() => askModel(request, readChatPrompt(body)));
  const usage = showsUsage ? usageOf(counts) : undefined;
  const includeUsage = isRecord(body.stream_options) && body.stream_options.include_usage === true;
  const content: Answer['content'] = stream
    ? {
        kind: 'stream',
        events: chatEvents(request, dialect, replies, includeUsage ? usage : undefined),
        framing: dialect.framing,
      }
    : { kind: 'json', body: chatBody(request, dialect, replies, usage) };
  return { inputTokens: counts.input, outputTokens: counts.output, content };
}

function envelope({ sequence, created, model }: SurfaceRequest, object: string): JsonObject {
  return { id: `chatcmpl-sim-${sequence}`, object, created, model, system_fingerprint: systemFingerprint };
}

const finishReasons: Record<Reply['stop'], string> = {
  end: 'stop',
  stop_sequence: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  refusal: 'stop',
  filter: 'content_filter',
};

function chatBody(
  request: SurfaceRequest,
  { promptExtra, choiceExtra }: ChatDialect,
  replies: readonly Reply[],
  usage: JsonObject | undefined,
): string {
  return JSON.stringify({
    ...envelope(request, 'chat.completion'),
    choices: replies.map((reply, index) => ({
      index,
      message: messageOf(request, reply, index),
      logprobs: null,
      finish_reason: finishReasons[reply.stop],
      ...choiceExtra?.(reply),
    })),
    ...(usage && { usage }),
    ...promptExtra,
  });
}

function messageOf(
  request: SurfaceRequest,
  { reasoning, text, toolCalls, stop }: Reply,
  index: number,
): JsonObject {
  const isRefusal = stop === 'refusal';
  const calls = toolCalls.map((call, position) => ({
    id: callId(request, index, position),
    ...callBody(call, call.arguments),
  }));
  return {
    role: 'assistant',
    content: isRefusal || text.length === 0 ? (calls.length > 0 || isRefusal ? null : '') : text.join(''),
    refusal: isRefusal ? text.join('') : null,
    ...(reasoning.length > 0 && { reasoning_content: reasoning.join('') }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

function callBody({ name, custom }: { name: string; custom: boolean }, text: string): JsonObject {
  return custom
    ? { type: 'custom', custom: { name, input: text } }
    : { type: 'function', function: { name, arguments: text } };
}

function chatEvents(
  request: SurfaceRequest,
  { promptExtra, choiceExtra }: ChatDialect,
  replies: readonly Reply[],
  usage: JsonObject | undefined,
): AnswerEvent[] {
  const shared = envelope(request, 'chat.completion.chunk');
  const event = (index: number, delta: JsonObject, finish: string | null, tokens: number): AnswerEvent => {
    const reply = replies[index];
    const extra = reply && choiceExtra ? choiceExtra(reply) : {};
    const choices = [{ index, delta, logprobs: null, finish_reason: finish, ...extra }];
    return { data: JSON.stringify({ ...shared, choices, ...(usage && { usage: null }) }), tokens };
  };
  const deltas = replies.map((reply, index) => deltasOf(request, reply, index));
  const events: AnswerEvent[] = [];
  if (promptExtra)
    events.push({ data: JSON.stringify({ ...shared, id: '', choices: [], ...promptExtra }), tokens: 0 });
  events.push(...deltas.map(({ opening }, index) => event(index, opening, null, 0)));
  const longest = Math.max(...deltas.map(({ pieces }) => pieces.length));
  for (let position = 0; position < longest; position++) {
    for (const [index, { pieces }] of deltas.entries()) {
      const piece = pieces[position];
      if (piece) events.push(event(index, piece.delta, null, piece.tokens));
    }
  }
  events.push(...replies.map(({ stop }, index) => event(index, {}, finishReasons[stop], 0)));
  if (usage) events.push({ data: JSON.stringify({ ...shared, choices: [], usage }), tokens: 0 });
  return events;
}

interface Deltas {
  opening: JsonObject;
  pieces: { delta: JsonObject; tokens: number }[];
}

/** The first call of an answer without words stands in its opening; all else has an event of its own. */
function deltasOf(
  request: SurfaceRequest,
  { reasoning, text, toolCalls, stop }: Reply,
  choice: number,
): Deltas {
  const member = stop === 'refusal' ? 'refusal' : 'content';
  const pieces: Deltas['pieces'] = [
    ...reasoning.map((piece) => ({ delta: { reasoning_content: piece }, tokens: 1 })),
    ...text.map((piece) => ({ delta: { [member]: piece }, tokens: 1 })),
  ];
  const opensWithCall = pieces.length === 0 && toolCalls.length > 0;
  const opening = { role: 'assistant', content: opensWithCall ? null : '', refusal: null };
  const openings = toolCalls.map((call, index) => ({
    tool_calls: [{ index, id: callId(request, choice, index), ...callBody(call, '') }],
  }));
  for (const [index, call] of toolCalls.entries()) {
    const delta = openings[index];
    if (delta && !(opensWithCall && index === 0)) pieces.push({ delta, tokens: 0 });
    for (const piece of call.pieces)
      pieces.push({ delta: argumentsDelta(call.custom, index, piece), tokens: 1 });
  }
  return { opening: opensWithCall ? { ...opening, refusal: undefined, ...openings[0] } : opening, pieces };
}

function argumentsDelta(custom: boolean, index: number, piece: string): JsonObject {
  return {
    tool_calls: [{ index, ...(custom ? { custom: { input: piece } } : { function: { arguments: piece } }) }],
  };
}

function callId({ sequence }: SurfaceRequest, choice: number, index: number): string {
  return `call_sim_${sequence}_${choice}${index === 0 ? '' : `_${index}`}`;
}
