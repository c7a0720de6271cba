import type { ChatAnswer, ChatUsage } from '../../../chat/chat-answer.ts';
import type { Citation, OutputPart } from '../../../chat/chat-content.ts';
import type { ChatRequest } from '../../../chat/chat-request.ts';
import { isObject, type JsonObject, takeExtra } from '../../../chat/wire.ts';
import { readConverseUsage } from '../../../metering/read-converse-usage.ts';
import { noteServed } from '../../../metering/served-as.ts';
import { MalformedAnswerError } from '../../malformed-answer-error.ts';
import { readCitation } from './read-citation.ts';
import { readStop, saysMore } from './read-stop.ts';
import { changedTools, type NamedTool, plainToolName } from './tool-names.ts';

const WIRE = 'bedrock-converse';
/** `metrics` is how long the call took, which the gateway measures itself. */
const ANSWER_FIELDS = new Set(['output', 'stopReason', 'usage', 'metrics']);
const WITH_STOP = new Set([...ANSWER_FIELDS, 'additionalModelResponseFields']);

/**
 * Reads a whole answer of Converse. It has no id, model and time of its own. What a guardrail took away may leave it empty.
 *
 * @throws MalformedAnswerError
 */
export function readAnswer(value: unknown, request: ChatRequest | undefined): ChatAnswer {
  if (!isObject(value)) throw new MalformedAnswerError('the top');
  const blocks = readBlocks(value);
  const tools = changedTools(request);
  const content = blocks.flatMap((block, index) =>
    readBlock(block, `output.message.content[${index}]`, tools),
  );
  const called = content.some((part) => part.type === 'tool_call');
  const stop = readStop(value.stopReason, value.additionalModelResponseFields, called);
  return {
    id: '',
    model: '',
    created: 0,
    choices: [{ index: 0, content, stop }],
    usage: readUsage(value.usage, value.serviceTier),
    extra: takeExtra(WIRE, value, saysMore(value.additionalModelResponseFields) ? ANSWER_FIELDS : WITH_STOP),
  };
}

/**
 * Reads `usage`; undefined when it holds no figures.
 *
 * @param serviceTier the member beside it, which says what the price hangs on besides
 */
export function readUsage(value: unknown, serviceTier?: unknown): ChatUsage | undefined {
  const tier = isObject(serviceTier) ? serviceTier.type : undefined;
  const counts = noteServed(readConverseUsage(value), tier);
  return counts && { counts, original: { wire: WIRE, value } };
}

function readBlocks(answer: JsonObject): readonly unknown[] {
  const message = isObject(answer.output) ? answer.output.message : undefined;
  const content = isObject(message) ? message.content : undefined;
  if (Array.isArray(content)) return content;
  if (typeof answer.stopReason === 'string' && (content === undefined || content === null)) return [];
  throw new MalformedAnswerError('output.message.content');
}

function readBlock(value: unknown, path: string, tools: ReadonlyMap<string, NamedTool>): OutputPart[] {
  if (!isObject(value)) throw new MalformedAnswerError(path);
  if (typeof value.text === 'string') return [{ type: 'text', text: value.text }];
  if (isObject(value.toolUse) && value.toolUse.type !== 'server_tool_use') {
    return [readToolUse(value.toolUse, `${path}.toolUse`, tools)];
  }
  if (isObject(value.reasoningContent)) return readReasoning(value.reasoningContent, value);
  if (isObject(value.citationsContent)) return readCited(value.citationsContent);
  if (isObject(value.image)) return [readMedia('image', value.image, value)];
  if (isObject(value.audio)) return [readMedia('audio', value.audio, value)];
  return [other(value)];
}

function other(value: unknown): OutputPart {
  return { type: 'other', original: { wire: WIRE, value } };
}

function readToolUse(value: JsonObject, path: string, tools: ReadonlyMap<string, NamedTool>): OutputPart {
  if (typeof value.name !== 'string') throw new MalformedAnswerError(`${path}.name`);
  const name = plainToolName(value.name);
  return {
    type: 'tool_call',
    id: typeof value.toolUseId === 'string' ? value.toolUseId : '',
    ...(tools.get(name) ?? { name }),
    arguments: JSON.stringify(value.input ?? {}),
  };
}

function readReasoning(value: JsonObject, block: JsonObject): OutputPart[] {
  if (typeof value.redactedContent === 'string') {
    return [{ type: 'reasoning', text: '', encrypted: { value: value.redactedContent } }];
  }
  const said = value.reasoningText;
  if (!isObject(said)) return [other(block)];
  const signature = typeof said.signature === 'string' ? { value: said.signature } : undefined;
  return [
    {
      type: 'reasoning',
      text: typeof said.text === 'string' ? said.text : '',
      ...(signature && { signature }),
    },
  ];
}

function readCited(value: JsonObject): OutputPart[] {
  const pieces = Array.isArray(value.content) ? value.content : [];
  const text = pieces
    .map((piece) => (isObject(piece) && typeof piece.text === 'string' ? piece.text : ''))
    .join('');
  const found: unknown[] = Array.isArray(value.citations) ? value.citations : [];
  const citations = found
    .map(readCitation)
    .filter((citation): citation is Citation => citation !== undefined);
  return [{ type: 'text', text, ...(citations.length > 0 && { citations }) }];
}

function readMedia(type: 'image' | 'audio', media: JsonObject, block: JsonObject): OutputPart {
  const bytes = isObject(media.source) ? media.source.bytes : undefined;
  if (typeof bytes !== 'string' || typeof media.format !== 'string') return other(block);
  return { type, source: { kind: 'base64', mediaType: `${type}/${media.format}`, data: bytes } };
}
