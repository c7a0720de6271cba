import type { JsonObject } from '../json-value.ts';
import type { AnswerEvent } from '../serving/answer.ts';

/** A finished output item, and the pieces that its text came in. */
export interface OutputItem {
  item: JsonObject;
  pieces: string[];
}

type Emit = (type: string, members: JsonObject, tokens?: number) => void;

/** The whole sequence of events of a response, numbered. */
export function responseEvents(response: JsonObject, items: readonly OutputItem[]): AnswerEvent[] {
  const events: AnswerEvent[] = [];
  const emit: Emit = (type, members, tokens = 0) => {
    events.push({
      name: type,
      data: JSON.stringify({ type, sequence_number: events.length, ...members }),
      tokens,
    });
  };
  const begun = { ...response, status: 'in_progress', output: [], usage: null, incomplete_details: null };
  emit('response.created', { response: begun });
  emit('response.in_progress', { response: begun });
  for (const [index, { item, pieces }] of items.entries()) {
    emit('response.output_item.added', { output_index: index, item: emptied(item) });
    writers[String(item.type)]?.(emit, { item_id: item.id, output_index: index }, item, pieces);
    emit('response.output_item.done', { output_index: index, item });
  }
  emit(response.status === 'completed' ? 'response.completed' : 'response.incomplete', { response });
  return events;
}

function emptied(item: JsonObject): JsonObject {
  switch (item.type) {
    case 'message':
      return { ...item, status: 'in_progress', content: [] };
    case 'reasoning':
      return { ...item, summary: [] };
    case 'custom_tool_call':
      return { ...item, status: 'in_progress', input: '' };
    default:
      return { ...item, status: 'in_progress', arguments: '' };
  }
}

type ItemWriter = (emit: Emit, place: JsonObject, item: JsonObject, pieces: readonly string[]) => void;

const writers: Record<string, ItemWriter> = {
  message(emit, place, { content }, pieces) {
    const part = (content as JsonObject[])[0] ?? {};
    const at = { ...place, content_index: 0 };
    const isRefusal = part.type === 'refusal';
    const empty = isRefusal ? { ...part, refusal: '' } : { ...part, text: '' };
    emit('response.content_part.added', { ...at, part: empty });
    for (const delta of pieces) {
      if (isRefusal) emit('response.refusal.delta', { ...at, delta }, 1);
      else emit('response.output_text.delta', { ...at, delta, logprobs: [] }, 1);
    }
    if (isRefusal) emit('response.refusal.done', { ...at, refusal: part.refusal });
    else emit('response.output_text.done', { ...at, text: part.text, logprobs: [] });
    emit('response.content_part.done', { ...at, part });
  },
  reasoning(emit, place, { summary }, pieces) {
    const [part] = summary as JsonObject[];
    if (!part) return;
    const at = { ...place, summary_index: 0 };
    emit('response.reasoning_summary_part.added', { ...at, part: { ...part, text: '' } });
    for (const delta of pieces) emit('response.reasoning_summary_text.delta', { ...at, delta }, 1);
    emit('response.reasoning_summary_text.done', { ...at, text: part.text });
    emit('response.reasoning_summary_part.done', { ...at, part });
  },
  function_call(emit, place, item, pieces) {
    for (const delta of pieces) emit('response.function_call_arguments.delta', { ...place, delta }, 1);
    emit('response.function_call_arguments.done', { ...place, name: item.name, arguments: item.arguments });
  },
  custom_tool_call(emit, place, { input }, pieces) {
    for (const delta of pieces) emit('response.custom_tool_call_input.delta', { ...place, delta }, 1);
    emit('response.custom_tool_call_input.done', { ...place, input });
  },
};
