import type { ChatAnswer } from '../../chat/chat-answer.ts';
import type { OutputPart } from '../../chat/chat-content.ts';
import type { ChatRequest } from '../../chat/chat-request.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { readAnthropicUsage } from '../../metering/read-anthropic-usage.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import { readBlock } from './read-block.ts';
import { readRefusal, readStop } from './read-stop.ts';
import { type ClientNames, clientNames } from './tool-names.ts';

const WIRE = 'anthropic-messages';
const FIELDS = new Set(['id', 'type', 'role', 'model', 'content', 'stop_reason', 'stop_sequence', 'usage']);

/**
 * Reads a whole answer of `POST /v1/messages`.
 *
 * @param request what was asked: tools that were sent under another name get the client's own back
 * @throws MalformedAnswerError when there is no content to read
 */
export function readAnswer(body: JsonObject, request?: ChatRequest): ChatAnswer {
  if (!Array.isArray(body.content)) throw new MalformedAnswerError('content');
  const names = clientNames(request?.tools ?? []);
  const content = body.content.map((block, index): OutputPart => {
    if (isObject(block)) return withClientName(readBlock(block), names);
    throw new MalformedAnswerError(`content[${index}]`);
  });
  const refusal = readRefusal(body.stop_details);
  if (refusal !== undefined) content.push({ type: 'refusal', text: refusal });
  const counts = readAnthropicUsage(body.usage);
  return {
    id: typeof body.id === 'string' ? body.id : '',
    model: typeof body.model === 'string' ? body.model : '',
    created: 0,
    choices: [{ index: 0, content, stop: readStop(body.stop_reason, body.stop_sequence) }],
    usage: counts && { counts, original: { wire: WIRE, value: body.usage } },
    extra: takeExtra(WIRE, body, FIELDS),
  };
}

function withClientName(part: OutputPart, names: ClientNames): OutputPart {
  const client = part.type === 'tool_call' ? names.get(part.name) : undefined;
  return client && part.type === 'tool_call' ? { ...part, ...client } : part;
}
