import type { JsonObject } from '../json-value.ts';
import { type AnswerText, answerText } from '../model/answer-text.ts';
import { countTokens } from '../model/count-tokens.ts';
import { type Answer, type AnswerEvent, type SurfaceRequest, systemFingerprint } from '../serving/answer.ts';
import { OpenAiError } from './openai-error.ts';
import { openAiFraming } from './openai-wire.ts';
import { readGenerationRequest } from './read-generation-request.ts';
import { reportUsage } from './report-usage.ts';

/** Answers `POST /v1/completions`, https://platform.openai.com/docs/api-reference/completions. Throws `OpenAiError`. */
export function completions(request: SurfaceRequest): Answer {
  const { body, behaviour, seed } = request;
  const prompts = readPrompts(body.prompt);
  const { stream, includeUsage, limit, choices: count } = readGenerationRequest(body);
  const texts = prompts.flatMap((prompt) =>
    Array.from({ length: count }, (_, index) => answerText(behaviour, prompt, `${seed} ${index}`, limit)),
  );
  const counted = prompts.reduce((sum, prompt) => sum + countTokens(prompt), 0);
  const produced = texts.reduce((sum, { tokens }) => sum + tokens.length, 0);
  const { input, output, usage } = reportUsage(behaviour, counted, produced);
  const content: Answer['content'] = stream
    ? {
        kind: 'stream',
        events: completionEvents(request, texts, includeUsage ? usage : undefined),
        framing: openAiFraming,
      }
    : { kind: 'json', body: completionBody(request, texts, usage) };
  return { inputTokens: input, outputTokens: output, content };
}

function readPrompts(prompt: unknown): string[] {
  if (typeof prompt === 'string') return [prompt];
  if (Array.isArray(prompt) && prompt.length > 0 && prompt.every((item) => typeof item === 'string'))
    return prompt;
  throw new OpenAiError(400, "'prompt' must be a string or an array of strings.", { param: 'prompt' });
}

function envelope({ sequence, created, model }: SurfaceRequest): JsonObject {
  const id = `cmpl-sim-${sequence}`;
  return { id, object: 'text_completion', created, model, system_fingerprint: systemFingerprint };
}

function completionBody(request: SurfaceRequest, texts: AnswerText[], usage: JsonObject | undefined): string {
  const choices = texts.map(({ tokens, finishReason }, index) => ({
    text: tokens.join(''),
    index,
    logprobs: null,
    finish_reason: finishReason,
  }));
  return JSON.stringify({ ...envelope(request), choices, ...(usage && { usage }) });
}

function completionEvents(
  request: SurfaceRequest,
  texts: AnswerText[],
  usage: JsonObject | undefined,
): AnswerEvent[] {
  const shared = envelope(request);
  const event = (index: number, text: string, finishReason: string | null, tokens: number): AnswerEvent => ({
    data: JSON.stringify({
      ...shared,
      choices: [{ text, index, logprobs: null, finish_reason: finishReason }],
      ...(usage && { usage: null }),
    }),
    tokens,
  });
  const events = texts.flatMap(({ tokens, finishReason }, index) => [
    ...tokens.map((token) => event(index, token, null, 1)),
    event(index, '', finishReason, 0),
  ]);
  if (usage) events.push({ data: JSON.stringify({ ...shared, choices: [], usage }), tokens: 0 });
  return events;
}
