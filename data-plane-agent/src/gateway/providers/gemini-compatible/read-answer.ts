import type { ChatAnswer, ChatChoice, ChatUsage } from '../../chat/chat-answer.ts';
import type { OutputPart } from '../../chat/chat-content.ts';
import type { ChatRequest } from '../../chat/chat-request.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { readGeminiUsage } from '../../metering/read-gemini-usage.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import type { ToolName } from '../tool-names.ts';
import { readCitations } from './read-citations.ts';
import { readLogprobs } from './read-logprobs.ts';
import { readCall, readMedia, signatureOf } from './read-parts.ts';
import { blockedStop, readStop } from './read-stop.ts';
import { changedToolNames } from './tool-names.ts';

const WIRE = 'gemini-content';
const ANSWER_FIELDS = new Set(['candidates', 'modelVersion', 'responseId', 'createTime', 'usageMetadata']);
const CANDIDATE_FIELDS = new Set(['content', 'finishReason', 'index']);
const WITH_LOGPROBS = new Set([...CANDIDATE_FIELDS, 'logprobsResult']);

/** Reads a whole answer of `:generateContent`. @throws MalformedAnswerError */
export function readAnswer(body: JsonObject, request?: ChatRequest): ChatAnswer {
  const names = changedToolNames(request);
  const candidates = body.candidates ?? [];
  if (!Array.isArray(candidates)) throw new MalformedAnswerError('candidates');
  const head = readHead(body);
  const blocked = isObject(body.promptFeedback) ? body.promptFeedback.blockReason : undefined;
  if (candidates.length === 0 && typeof blocked !== 'string' && body.usageMetadata === undefined) {
    throw new MalformedAnswerError('candidates');
  }
  const choices =
    candidates.length > 0
      ? candidates.map((one, position) => readCandidate(one, position, head.id, names))
      : [{ index: 0, content: [], stop: blockedStop(blocked) }];
  return {
    ...head,
    choices,
    usage: readUsage(body.usageMetadata),
    extra: takeExtra(WIRE, body, ANSWER_FIELDS),
  };
}

/** What a whole answer and each piece of a stream begin with. */
export function readHead(body: JsonObject): { id: string; model: string; created: number } {
  const made = typeof body.createTime === 'string' ? Date.parse(body.createTime) : Number.NaN;
  return {
    id: typeof body.responseId === 'string' ? body.responseId : '',
    model: typeof body.modelVersion === 'string' ? body.modelVersion : '',
    created: Number.isNaN(made) ? 0 : Math.floor(made / 1000),
  };
}

export function readUsage(value: unknown): ChatUsage | undefined {
  const counts = readGeminiUsage(value);
  return counts && { counts, original: { wire: WIRE, value } };
}

/** The parts of a candidate; none where a filter took them away. @throws MalformedAnswerError */
export function partsOf(candidate: JsonObject, path: string): readonly unknown[] {
  const { content } = candidate;
  if (content === undefined || content === null) return [];
  if (!isObject(content)) throw new MalformedAnswerError(`${path}.content`);
  const parts = content.parts ?? [];
  if (!Array.isArray(parts)) throw new MalformedAnswerError(`${path}.content.parts`);
  return parts;
}

function readCandidate(
  value: unknown,
  position: number,
  answerId: string,
  names: ReadonlyMap<string, ToolName> | undefined,
): ChatChoice {
  const path = `candidates[${position}]`;
  if (!isObject(value)) throw new MalformedAnswerError(path);
  const index = typeof value.index === 'number' ? value.index : position;
  const parts = partsOf(value, path);
  const content: OutputPart[] = [];
  const places = new Map<number, number>();
  parts.forEach((part, at) => {
    if (!isObject(part)) throw new MalformedAnswerError(`${path}.content.parts[${at}]`);
    readPart(part, answerId, `${index}_${at}`, names, content);
    if (content.at(-1)?.type === 'text' && part.text) places.set(at, content.length - 1);
  });
  addCitations(value, parts, content, places);
  // Some answers are whole without saying why.
  const calls = content.some(({ type }) => type === 'tool_call');
  const stop = readStop(value.finishReason, calls) ?? readStop('STOP', calls);
  const logprobs = readLogprobs(value);
  if (!logprobs) return { index, content, stop, extra: takeExtra(WIRE, value, CANDIDATE_FIELDS) };
  return { index, content, stop, extra: logprobs, messageExtra: takeExtra(WIRE, value, WITH_LOGPROBS) };
}

function readPart(
  part: JsonObject,
  answerId: string,
  place: string,
  names: ReadonlyMap<string, ToolName> | undefined,
  content: OutputPart[],
): void {
  const value = signatureOf(part);
  const signature = value === undefined ? undefined : { value };
  if (part.thought === true && typeof part.text === 'string') {
    content.push({ type: 'reasoning', text: part.text, summary: true, ...(signature && { signature }) });
    return;
  }
  const call = readCall(part, answerId, place, names);
  if (call) {
    content.push({ type: 'tool_call', ...call, ...(signature && { signature }) });
    return;
  }
  // It belongs to the part that comes next.
  if (signature) content.push({ type: 'reasoning', text: '', signature });
  if (typeof part.text === 'string') {
    if (part.text === '') return;
    content.push({ type: 'text', text: part.text });
    return;
  }
  // A picture inside of a thought is a draft, and not the answer's.
  const media = part.thought === true ? undefined : readMedia(part);
  if (media) content.push(media);
  else {
    const { thoughtSignature: _told, ...original } = part;
    content.push({ type: 'other', original: { wire: WIRE, value: original } });
  }
}

/** Each on the text that it names, or else on the last one. */
function addCitations(
  candidate: JsonObject,
  parts: readonly unknown[],
  content: OutputPart[],
  places: ReadonlyMap<number, number>,
): void {
  const last = content.findLastIndex(({ type }) => type === 'text');
  const placed = readCitations(candidate, (index) => {
    const part = parts[index];
    return isObject(part) && typeof part.text === 'string' ? part.text : undefined;
  });
  for (const { citation, part } of placed) {
    const at = (part === undefined ? undefined : places.get(part)) ?? last;
    const text = content[at];
    if (text?.type === 'text') content[at] = { ...text, citations: [...(text.citations ?? []), citation] };
  }
}
