import { isRecord, type JsonObject } from '../json-value.ts';
import { countTurnTokens } from '../model/prompt.ts';
import { askModel, type ModelAnswer, type Reply, type ReplyUsage } from '../model/reply.ts';
import type { Answer, AnswerEvent, SurfaceRequest } from '../serving/answer.ts';
import { callText, checkContents } from './check-contents.ts';
import { googleArrayFraming, googleSseFraming, windowError } from './google-wires.ts';
import { readContentsPrompt } from './read-contents-prompt.ts';

const finishReasons: Record<Reply['stop'], string> = {
  end: 'STOP',
  stop_sequence: 'STOP',
  length: 'MAX_TOKENS',
  tool_calls: 'STOP',
  refusal: 'STOP',
  filter: 'SAFETY',
};

const safetyRatings = [
  { category: 'HARM_CATEGORY_DANGEROUS_CONTENT', probability: 'HIGH', blocked: true },
  { category: 'HARM_CATEGORY_HARASSMENT', probability: 'NEGLIGIBLE' },
];

/**
 * Answers generateContent and streamGenerateContent, https://ai.google.dev/api/generate-content. Throws `GoogleError`.
 */
export function generateContent(request: SurfaceRequest): Answer {
  const { body, model, signer, stream, query } = request;
  checkContents(body, model, signer);
  const answer = windowError(() => askModel(request, readContentsPrompt(body)));
  const framing = query.get('alt') === 'sse' ? googleSseFraming : googleArrayFraming;
  const content: Answer['content'] = stream
    ? { kind: 'stream', events: contentEvents(request, answer), framing }
    : { kind: 'json', body: JSON.stringify(contentBody(request, answer)) };
  return { inputTokens: answer.usage.input, outputTokens: answer.usage.output, content };
}

/** Answers countTokens. */
export function countContents({ body }: SurfaceRequest): Answer {
  const inner = isRecord(body.generateContentRequest) ? body.generateContentRequest : body;
  const totalTokens = countTurnTokens(readContentsPrompt(inner).turns);
  const value = { totalTokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: totalTokens }] };
  return { inputTokens: 0, outputTokens: 0, content: { kind: 'json', body: JSON.stringify(value) } };
}

function envelope({ sequence, model }: SurfaceRequest): JsonObject {
  return { modelVersion: model, responseId: `sim-${sequence}` };
}

function contentBody(request: SurfaceRequest, { replies, usage, showsUsage }: ModelAnswer): JsonObject {
  const used = showsUsage ? { usageMetadata: usageOf(usage, true) } : {};
  if (request.behaviour.filterPrompt) return { ...blockedPrompt, ...used, ...envelope(request) };
  const candidates = replies.map((reply, index) => ({
    ...(reply.stop !== 'filter' && { content: { role: 'model', parts: wholeParts(request, reply, index) } }),
    finishReason: finishReasons[reply.stop],
    index,
    ...(reply.stop === 'filter' && { safetyRatings }),
  }));
  return { candidates, ...used, ...envelope(request) };
}

const blockedPrompt = { promptFeedback: { blockReason: 'PROHIBITED_CONTENT', safetyRatings } };

/** Usage stands in every piece, cumulative; the finish reason in the last one. */
function contentEvents(request: SurfaceRequest, { replies, usage, showsUsage }: ModelAnswer): AnswerEvent[] {
  const events: AnswerEvent[] = [];
  const emit = (members: JsonObject, isLast: boolean, tokens: number) => {
    const used = showsUsage ? { usageMetadata: usageOf(usage, isLast) } : {};
    events.push({ data: JSON.stringify({ ...members, ...used, ...envelope(request) }), tokens });
  };
  if (request.behaviour.filterPrompt) {
    emit(blockedPrompt, true, 0);
    return events;
  }
  for (const [index, reply] of replies.entries()) {
    for (const { part, tokens } of streamedParts(request, reply, index))
      emit({ candidates: [{ content: { role: 'model', parts: [part] }, index }] }, false, tokens);
    const isFilter = reply.stop === 'filter';
    const last = {
      ...(!isFilter && { content: { role: 'model', parts: [{ text: '' }] } }),
      finishReason: finishReasons[reply.stop],
      index,
      ...(isFilter && { safetyRatings }),
    };
    emit({ candidates: [last] }, index + 1 === replies.length, 0);
  }
  return events;
}

function wholeParts(request: SurfaceRequest, reply: Reply, choice: number): JsonObject[] {
  const { reasoning, text } = reply;
  const parts: JsonObject[] = [];
  if (reasoning.length > 0) parts.push({ text: reasoning.join(''), thought: true });
  if (text.length > 0) parts.push({ text: text.join('') });
  return [...parts, ...callParts(request, reply, choice)];
}

interface StreamedPart {
  part: JsonObject;
  tokens: number;
}

/** A call comes whole. */
function streamedParts(request: SurfaceRequest, reply: Reply, choice: number): StreamedPart[] {
  return [
    ...reply.reasoning.map((text) => ({ part: { text, thought: true }, tokens: 1 })),
    ...reply.text.map((text) => ({ part: { text }, tokens: 1 })),
    ...callParts(request, reply, choice).map((part, index) => ({
      part,
      tokens: reply.toolCalls[index]?.pieces.length ?? 0,
    })),
  ];
}

/** The first of parallel calls carries the signature. */
function callParts({ signer, sequence }: SurfaceRequest, { toolCalls }: Reply, choice: number): JsonObject[] {
  return toolCalls.map(({ name, arguments: json }, index) => {
    const functionCall = { id: `call_sim_${sequence}_${choice}_${index}`, name, args: JSON.parse(json) };
    return { functionCall, ...(index === 0 && { thoughtSignature: signer.sign(callText(functionCall)) }) };
  });
}

/** Thoughts stand beside the candidates' tokens, not inside them. */
function usageOf({ input, output, cacheRead, reasoning }: ReplyUsage, isLast: boolean): JsonObject {
  return {
    promptTokenCount: input,
    ...(isLast && { candidatesTokenCount: output - reasoning }),
    totalTokenCount: isLast ? input + output : input,
    ...(cacheRead > 0 && { cachedContentTokenCount: cacheRead }),
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
    ...(isLast && reasoning > 0 && { thoughtsTokenCount: reasoning }),
  };
}
