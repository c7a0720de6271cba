import { partEvents } from '../../chat/answer-events.ts';
import type { ChatAnswer } from '../../chat/chat-answer.ts';
import type { OutputPart } from '../../chat/chat-content.ts';
import type { ChatEvent } from '../../chat/chat-event.ts';
import type { ChatRequest } from '../../chat/chat-request.ts';
import { customToolNames, restoreCustomCall } from '../../chat/custom-tools.ts';
import { DroppedFields, type Written } from '../../chat/dropped-fields.ts';
import type { Extra, JsonObject } from '../../chat/wire.ts';
import { responseMembers } from './chat-members.ts';
import type { ItemSink } from './item-sink.ts';
import { OutputItems } from './output-items.ts';
import { echoOf } from './response-echo.ts';
import { responseObject } from './response-object.ts';
import { writeStop } from './write-stop.ts';

const NO_SINK: ItemSink = { event: () => undefined, delta: () => undefined };

/**
 * Writes a whole answer as a `response`, with the paths of what the wire cannot express. It is made of the same events as a
 * stream, so that both have the same output.
 */
export function writeAnswer(answer: ChatAnswer, request: ChatRequest): Written<JsonObject> {
  const dropped = new DroppedFields('openai-responses');
  const items = new OutputItems(answer.id, NO_SINK, dropped);
  const customNames = customToolNames(request);
  const [choice] = answer.choices;
  // What a choice says besides stands beside its first text.
  let beside = choice?.extra && asEvent(choice.extra);
  choice?.content.forEach((part, index) => {
    noteExtra(part, dropped);
    for (const event of eventsOf(restoreCustomCall(part, customNames), index)) {
      items.take(event);
      if (event.type !== 'text' || !beside) continue;
      items.take(beside);
      beside = undefined;
    }
  });
  if (beside) items.take(beside);
  const end = writeStop(choice?.stop, dropped);
  items.close(end.status);
  if (answer.choices.length > 1) dropped.add('choices');
  responseMembers(choice?.messageExtra, dropped);
  const { output } = items;
  const body = { echo: echoOf(request), output, usage: answer.usage };
  const members = responseMembers(answer.extra, dropped);
  const value = { ...responseObject(answer, { ...end, error: null }, body), ...members };
  return { value, dropped: dropped.names };
}

function asEvent({ wire, fields }: Extra): ChatEvent {
  return { type: 'other', original: { wire, value: { choice: fields } } };
}

/** What a stream would say for a part; one of this wire's own is an item. */
function eventsOf(part: OutputPart, call: number): ChatEvent[] {
  if (part.type !== 'other') return partEvents(part, 0, call);
  const { wire, value } = part.original;
  return [{ type: 'other', original: { wire, value: { item: value } } }];
}

function noteExtra(part: OutputPart, dropped: DroppedFields): void {
  if ('extra' in part) dropped.keepExtra(part.extra, 'output');
}
