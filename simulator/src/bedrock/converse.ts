import type { JsonObject } from '../json-value.ts';
import { askModel, type ModelAnswer, type Reply, type ReplyUsage } from '../model/reply.ts';
import type { Answer, AnswerEvent, SurfaceRequest } from '../serving/answer.ts';
import { windowError } from './bedrock-wire.ts';
import { checkConverse } from './check-converse.ts';
import { converseFraming } from './event-stream.ts';
import { readConversePrompt } from './read-converse-prompt.ts';

const stopReasons: Record<Reply['stop'], string> = {
  end: 'end_turn',
  stop_sequence: 'stop_sequence',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  refusal: 'content_filtered',
  filter: 'guardrail_intervened',
};

const latencyMs = 5;

/**
 * Answers Converse and ConverseStream, https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html.
 * Throws `BedrockError`.
 */
export function converse(request: SurfaceRequest): Answer {
  checkConverse(request.body, request.signer, request.model);
  const answer = windowError(() => askModel(request, readConversePrompt(request.body)));
  const content: Answer['content'] = request.stream
    ? { kind: 'stream', events: converseEvents(request, answer), framing: converseFraming }
    : { kind: 'json', body: JSON.stringify(converseBody(request, answer)) };
  return { inputTokens: answer.usage.input, outputTokens: answer.usage.output, content };
}

/** A block: its start (only tool calls have one), its deltas, and how it stands in a whole answer. */
interface Block {
  start?: JsonObject;
  deltas: { delta: JsonObject; tokens: number }[];
  whole: JsonObject;
}

function converseBody(request: SurfaceRequest, { replies, usage, showsUsage }: ModelAnswer): JsonObject {
  const [reply] = replies;
  const content = reply ? blocksOfReply(request, reply).map(({ whole }) => whole) : [];
  return {
    output: { message: { role: 'assistant', content } },
    stopReason: stopReasons[reply?.stop ?? 'end'],
    ...(showsUsage && { usage: usageOf(usage) }),
    metrics: { latencyMs },
  };
}

function converseEvents(request: SurfaceRequest, { replies, usage, showsUsage }: ModelAnswer): AnswerEvent[] {
  const [reply] = replies;
  const events: AnswerEvent[] = [];
  const emit = (name: string, members: JsonObject, tokens = 0) =>
    events.push({ name, data: JSON.stringify({ ...members, p: 'abcdefgh' }), tokens });
  emit('messageStart', { role: 'assistant' });
  const blocks = reply ? blocksOfReply(request, reply) : [];
  const sent = isNova(request.model) ? blocks.flatMap(wordByWord) : blocks;
  for (const [contentBlockIndex, { start, deltas }] of sent.entries()) {
    if (start) emit('contentBlockStart', { contentBlockIndex, start });
    for (const { delta, tokens } of deltas) emit('contentBlockDelta', { contentBlockIndex, delta }, tokens);
    emit('contentBlockStop', { contentBlockIndex });
  }
  const fields = modelFields(request.body);
  emit('messageStop', { stopReason: stopReasons[reply?.stop ?? 'end'], ...fields });
  if (showsUsage) emit('metadata', { usage: usageOf(usage), metrics: { latencyMs } });
  return events;
}

/** Nova streams every piece of a text as a block of its own. */
function wordByWord(block: Block): Block[] {
  if (typeof block.whole.text !== 'string') return [block];
  return block.deltas.map((delta) => ({ deltas: [delta], whole: {} }));
}

function isNova(model: string): boolean {
  return /(?:^|\.)nova\./.test(model);
}

/** What a caller asked to see of the model's own answer, by the places of Claude's events in a stream. */
function modelFields({ additionalModelResponseFieldPaths: paths }: JsonObject): JsonObject {
  if (!Array.isArray(paths) || !paths.includes('/delta/stop_sequence')) return {};
  return { additionalModelResponseFields: { delta: { stop_sequence: null } } };
}

function usageOf({ input, output, cacheRead, cacheWrite5m, cacheWrite1h }: ReplyUsage): JsonObject {
  const written = cacheWrite5m + cacheWrite1h;
  const details = [
    { inputTokens: cacheWrite1h, ttl: '1h' },
    { inputTokens: cacheWrite5m, ttl: '5m' },
  ].filter(({ inputTokens }) => inputTokens > 0);
  return {
    inputTokens: Math.max(0, input - cacheRead - written),
    outputTokens: output,
    totalTokens: input + output,
    cacheReadInputTokens: cacheRead,
    cacheWriteInputTokens: written,
    ...(details.length > 0 && { cacheDetails: details }),
  };
}

function blocksOfReply(
  { sequence, signer, behaviour }: SurfaceRequest,
  { reasoning, text, toolCalls }: Reply,
): Block[] {
  const blocks: Block[] = [];
  if (reasoning.length > 0) {
    const thought = reasoning.join('');
    blocks.push(
      behaviour.redacted
        ? redactedBlock(signer.seal(thought))
        : reasoningBlock(reasoning, signer.sign(thought)),
    );
  }
  if (text.length > 0) {
    blocks.push({
      deltas: text.map((piece) => ({ delta: { text: piece }, tokens: 1 })),
      whole: { text: text.join('') },
    });
  }
  for (const [index, { name, arguments: json, pieces }] of toolCalls.entries()) {
    const call = { toolUseId: `tooluse_sim_${sequence}_${index}`, name };
    blocks.push({
      start: { toolUse: call },
      deltas: pieces.map((input) => ({ delta: { toolUse: { input } }, tokens: 1 })),
      whole: { toolUse: { ...call, input: JSON.parse(json) } },
    });
  }
  return blocks;
}

function reasoningBlock(pieces: string[], signature: string): Block {
  return {
    deltas: [
      ...pieces.map((text) => ({ delta: { reasoningContent: { text } }, tokens: 1 })),
      { delta: { reasoningContent: { signature } }, tokens: 0 },
    ],
    whole: { reasoningContent: { reasoningText: { text: pieces.join(''), signature } } },
  };
}

function redactedBlock(redactedContent: string): Block {
  const whole = { reasoningContent: { redactedContent } };
  return { deltas: [{ delta: whole, tokens: 0 }], whole };
}
