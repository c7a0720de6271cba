import type { ChatAnswer } from '../../chat/chat-answer.ts';
import { DroppedFields, type Written } from '../../chat/dropped-fields.ts';
import type { JsonObject } from '../../chat/wire.ts';
import { writeBlocks } from './write-block.ts';
import { writeStop } from './write-stop.ts';
import { writeUsage } from './write-usage.ts';

/** Writes a whole answer as a `message`, with the paths of what the wire cannot express. It has one choice. */
export function writeAnswer(answer: ChatAnswer): Written<JsonObject> {
  const dropped = new DroppedFields('anthropic-messages');
  const [choice, ...others] = answer.choices;
  if (others.length > 0) dropped.add('choices');
  dropped.keepExtra(choice?.extra, '');
  dropped.keepExtra(choice?.messageExtra, '');
  const content = (choice?.content ?? []).flatMap((part, index) =>
    writeBlocks(part, `content[${index}]`, dropped),
  );
  const value = {
    id: messageId(answer.id),
    type: 'message',
    role: 'assistant',
    model: answer.model,
    content,
    ...writeStop(choice?.stop, 'stop_reason', dropped),
    usage: writeUsage(answer.usage),
    ...dropped.keepExtra(answer.extra, ''),
  };
  return { value, dropped: dropped.names };
}

/** Ids of messages begin with `msg_` here. */
export function messageId(id: string): string {
  return id.startsWith('msg_') ? id : `msg_${id}`;
}
