import type { ChatEvent } from '../../chat/chat-event.ts';
import type { JsonObject } from '../../chat/wire.ts';

/**
 * The members that a reader did not take; undefined when there are none. Servers write null for what there is none of, into
 * every chunk: that says nothing. Stands on the path of each event.
 */
export function otherMembers(object: JsonObject, taken: ReadonlySet<string>): JsonObject | undefined {
  let members: Record<string, unknown> | undefined;
  for (const name in object) {
    if (taken.has(name)) continue;
    const value = object[name];
    if (value === null || value === undefined) continue;
    // A member may be called `__proto__`.
    members ??= Object.create(null) as Record<string, unknown>;
    members[name] = value;
  }
  return members;
}

/** What a delta or a choice held besides, as an event. */
export function pushOther(
  choice: number,
  members: JsonObject | undefined,
  level: 'delta' | 'choice',
  events: ChatEvent[],
): void {
  if (members)
    events.push({
      type: 'other',
      original: { wire: 'openai-chat', value: { index: choice, [level]: members } },
    });
}
