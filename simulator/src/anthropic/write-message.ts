import type { JsonObject } from '../json-value.ts';
import type { ModelAnswer, Reply, ReplyUsage } from '../model/reply.ts';
import type { AnswerEvent, SurfaceRequest } from '../serving/answer.ts';

const stopReasons: Record<Reply['stop'], string> = {
  end: 'end_turn',
  stop_sequence: 'stop_sequence',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  refusal: 'refusal',
  filter: 'refusal',
};

/** A content block: how it begins in a stream, its deltas, and how it stands in a whole answer. */
interface Block {
  start: JsonObject;
  deltas: { delta: JsonObject; tokens: number }[];
  whole: JsonObject;
}

/** The whole answer of the Messages API. */
export function messageBody(
  request: SurfaceRequest,
  { replies, usage, showsUsage }: ModelAnswer,
): JsonObject {
  const [reply] = replies;
  return {
    ...envelope(request),
    content: reply ? blocksOfReply(request, reply).map(({ whole }) => whole) : [],
    stop_reason: stopReasons[reply?.stop ?? 'end'],
    stop_sequence: reply?.stopSequence ?? null,
    ...(showsUsage && { usage: { ...inputUsage(usage), ...outputUsage(usage) } }),
  };
}

/** The events of a streamed answer, with a ping after the first block has begun. */
export function messageEvents(
  request: SurfaceRequest,
  { replies, usage, showsUsage }: ModelAnswer,
): AnswerEvent[] {
  const events: AnswerEvent[] = [];
  const emit = (type: string, members: JsonObject, tokens = 0) =>
    events.push({ name: type, data: JSON.stringify({ type, ...members }), tokens });
  const [reply] = replies;
  const opening = { ...envelope(request), content: [], stop_reason: null, stop_sequence: null };
  const first = showsUsage ? { usage: { ...inputUsage(usage), output_tokens: 1 } } : {};
  emit('message_start', { message: { ...opening, ...first } });
  for (const [index, { start, deltas }] of (reply ? blocksOfReply(request, reply) : []).entries()) {
    emit('content_block_start', { index, content_block: start });
    if (index === 0) emit('ping', {});
    for (const { delta, tokens } of deltas) emit('content_block_delta', { index, delta }, tokens);
    emit('content_block_stop', { index });
  }
  const delta = {
    stop_reason: stopReasons[reply?.stop ?? 'end'],
    stop_sequence: reply?.stopSequence ?? null,
  };
  // The figures of the last delta are cumulative; they repeat those of the start.
  const { input, cacheRead } = countsOf(usage);
  const last = {
    input_tokens: input,
    cache_creation_input_tokens: usage.cacheWrite5m + usage.cacheWrite1h,
    cache_read_input_tokens: cacheRead,
    ...outputUsage(usage),
  };
  emit('message_delta', { delta, ...(showsUsage && { usage: last }) });
  emit('message_stop', {});
  return events;
}

function envelope({ sequence, model }: SurfaceRequest): JsonObject {
  return { id: `msg_sim_${sequence}`, type: 'message', role: 'assistant', model };
}

function countsOf({ input, cacheRead, cacheWrite5m, cacheWrite1h, output }: ReplyUsage) {
  return { input: Math.max(0, input - cacheRead - cacheWrite5m - cacheWrite1h), output, cacheRead };
}

function outputUsage({ output, reasoning }: ReplyUsage): JsonObject {
  return { output_tokens: output, output_tokens_details: { thinking_tokens: reasoning } };
}

function inputUsage(usage: ReplyUsage): JsonObject {
  const { cacheRead, cacheWrite5m, cacheWrite1h } = usage;
  return {
    input_tokens: countsOf(usage).input,
    cache_creation_input_tokens: cacheWrite5m + cacheWrite1h,
    cache_read_input_tokens: cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite5m, ephemeral_1h_input_tokens: cacheWrite1h },
    service_tier: 'standard',
  };
}

function blocksOfReply(
  { sequence, signer, behaviour }: SurfaceRequest,
  { reasoning, text, toolCalls }: Reply,
): Block[] {
  const blocks: Block[] = [];
  if (reasoning.length > 0) {
    const thinking = reasoning.join('');
    blocks.push(
      behaviour.redacted
        ? redactedBlock(signer.seal(thinking))
        : thinkingBlock(reasoning, signer.sign(thinking)),
    );
  }
  if (text.length > 0) {
    blocks.push({
      start: { type: 'text', text: '' },
      deltas: text.map((piece) => ({ delta: { type: 'text_delta', text: piece }, tokens: 1 })),
      whole: { type: 'text', text: text.join('') },
    });
  }
  for (const [index, { name, arguments: json, pieces }] of toolCalls.entries()) {
    const call = { type: 'tool_use', id: `toolu_sim_${sequence}_${index}`, name };
    blocks.push({
      start: { ...call, input: {} },
      // Anthropic opens with an empty piece.
      deltas: ['', ...(json === '{}' ? [] : pieces)].map((piece) => ({
        delta: { type: 'input_json_delta', partial_json: piece },
        tokens: piece === '' ? 0 : 1,
      })),
      whole: { ...call, input: JSON.parse(json) },
    });
  }
  return blocks;
}

function thinkingBlock(pieces: string[], signature: string): Block {
  return {
    start: { type: 'thinking', thinking: '', signature: '' },
    deltas: [
      ...pieces.map((piece) => ({ delta: { type: 'thinking_delta', thinking: piece }, tokens: 1 })),
      { delta: { type: 'signature_delta', signature }, tokens: 0 },
    ],
    whole: { type: 'thinking', thinking: pieces.join(''), signature },
  };
}

function redactedBlock(data: string): Block {
  const whole = { type: 'redacted_thinking', data };
  return { start: whole, deltas: [], whole };
}
