import { type Answer, type AnswerEvent, type SurfaceRequest, systemFingerprint } from './answer.ts';
import { answerText } from './answer-text.ts';
import { chooseToolCall, type ToolCall } from './choose-tool-call.ts';
import { countMessageTokens, splitTokens } from './count-tokens.ts';
import { isRecord, type JsonObject } from './json-value.ts';
import { OpenAiError } from './openai-error.ts';
import { readGenerationRequest } from './read-generation-request.ts';
import { reportUsage } from './report-usage.ts';
import { sampleFromSchema } from './sample-from-schema.ts';

/** One choice: its pieces are one token and, in a stream, one event each. */
interface Choice {
  pieces: string[];
  toolCall: ToolCall | undefined;
  finishReason: 'stop' | 'length' | 'tool_calls';
}

const argumentPieceLength = 8;

/** Answers `POST /v1/chat/completions`, https://platform.openai.com/docs/api-reference/chat. Throws `OpenAiError`. */
export function chatCompletions(request: SurfaceRequest): Answer {
  const { body, behaviour } = request;
  const { messages } = body;
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new OpenAiError(400, "'messages' must be an array of one message or more.", { param: 'messages' });
  }
  const { stream, includeUsage, limit, choices: count } = readGenerationRequest(body);
  const prompt = lastUserText(messages);
  const toolCall = chooseToolCall(body, prompt, behaviour.toolCall === true);
  const choices = Array.from({ length: count }, (_, index) =>
    toolCall ? toolChoice(toolCall) : textChoice(request, prompt, index, limit),
  );
  const produced = choices.reduce((sum, choice) => sum + choice.pieces.length, 0);
  const { input, output, usage } = reportUsage(behaviour, countMessageTokens(messages), produced);
  const content: Answer['content'] = stream
    ? { kind: 'stream', events: chatEvents(request, choices, includeUsage, usage) }
    : { kind: 'json', body: chatBody(request, choices, usage) };
  return { inputTokens: input, outputTokens: output, content };
}

function toolChoice(toolCall: ToolCall): Choice {
  const pieces = toolCall.arguments.match(new RegExp(`.{1,${argumentPieceLength}}`, 'gsu')) ?? [];
  return { pieces, toolCall, finishReason: 'tool_calls' };
}

function textChoice(
  request: SurfaceRequest,
  prompt: string,
  index: number,
  limit: number | undefined,
): Choice {
  const structured = structuredAnswer(request.body.response_format);
  if (structured !== undefined)
    return { pieces: splitTokens(structured), toolCall: undefined, finishReason: 'stop' };
  const { tokens, finishReason } = answerText(request.behaviour, prompt, `${request.model} ${index}`, limit);
  return { pieces: tokens, toolCall: undefined, finishReason };
}

function structuredAnswer(format: unknown): string | undefined {
  if (!isRecord(format)) return undefined;
  if (format.type === 'json_object') return '{"answer": "sample"}';
  if (format.type !== 'json_schema' || !isRecord(format.json_schema)) return undefined;
  return JSON.stringify(sampleFromSchema(format.json_schema.schema));
}

/** The text of the last user message, parts joined; empty when there is none. */
function lastUserText(messages: readonly unknown[]): string {
  const message = messages.findLast((candidate) => isRecord(candidate) && candidate.role === 'user');
  const content = isRecord(message) ? message.content : undefined;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isRecord(part) && typeof part.text === 'string' ? part.text : '')).join('');
}

function envelope({ sequence, created, model }: SurfaceRequest, object: string): JsonObject {
  return { id: `chatcmpl-sim-${sequence}`, object, created, model, system_fingerprint: systemFingerprint };
}

function chatBody(request: SurfaceRequest, choices: Choice[], usage: JsonObject | undefined): string {
  return JSON.stringify({
    ...envelope(request, 'chat.completion'),
    choices: choices.map(({ pieces, toolCall, finishReason }, index) => ({
      index,
      message: {
        role: 'assistant',
        content: toolCall ? null : pieces.join(''),
        refusal: null,
        ...(toolCall && {
          tool_calls: [{ id: callId(request, index), type: 'function', function: toolCall }],
        }),
      },
      logprobs: null,
      finish_reason: finishReason,
    })),
    ...(usage && { usage }),
  });
}

function chatEvents(
  request: SurfaceRequest,
  choices: Choice[],
  includeUsage: boolean,
  usage: JsonObject | undefined,
): AnswerEvent[] {
  const shared = envelope(request, 'chat.completion.chunk');
  const showsUsage = includeUsage && usage !== undefined;
  const event = (
    index: number,
    delta: JsonObject,
    finishReason: string | null,
    tokens: number,
  ): AnswerEvent => ({
    data: JSON.stringify({
      ...shared,
      choices: [{ index, delta, logprobs: null, finish_reason: finishReason }],
      ...(showsUsage && { usage: null }),
    }),
    tokens,
  });
  const events = choices.map(({ toolCall }, index) =>
    event(index, opening(request, index, toolCall), null, 0),
  );
  const longest = Math.max(...choices.map(({ pieces }) => pieces.length));
  for (let position = 0; position < longest; position++) {
    for (const [index, { pieces, toolCall }] of choices.entries()) {
      const piece = pieces[position];
      if (piece !== undefined) events.push(event(index, pieceDelta(piece, toolCall), null, 1));
    }
  }
  events.push(...choices.map(({ finishReason }, index) => event(index, {}, finishReason, 0)));
  if (showsUsage) events.push({ data: JSON.stringify({ ...shared, choices: [], usage }), tokens: 0 });
  return events;
}

function opening(request: SurfaceRequest, index: number, toolCall: ToolCall | undefined): JsonObject {
  if (!toolCall) return { role: 'assistant', content: '', refusal: null };
  const id = callId(request, index);
  const call = { index: 0, id, type: 'function', function: { name: toolCall.name, arguments: '' } };
  return { role: 'assistant', content: null, tool_calls: [call] };
}

function pieceDelta(piece: string, toolCall: ToolCall | undefined): JsonObject {
  return toolCall ? { tool_calls: [{ index: 0, function: { arguments: piece } }] } : { content: piece };
}

function callId({ sequence }: SurfaceRequest, index: number): string {
  return `call_sim_${sequence}_${index}`;
}
