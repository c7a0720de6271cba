import type { ChatUsage } from '../../chat/chat-answer.ts';
import type { StartEvent } from '../../chat/chat-event.ts';
import type { JsonObject } from '../../chat/wire.ts';
import { responseId } from './item-ids.ts';
import type { ResponseEnd } from './write-stop.ts';
import { writeUsage } from './write-usage.ts';

/** Where a response stands. */
export interface ResponseState {
  readonly status: ResponseEnd['status'] | 'in_progress' | 'failed';
  readonly incomplete_details: ResponseEnd['incomplete_details'];
  readonly error: JsonObject | null;
}

/** The `response` object, with what it repeats of the request. */
export function responseObject(
  start: Pick<StartEvent, 'id' | 'model' | 'created'>,
  state: ResponseState,
  body: {
    readonly echo: JsonObject;
    readonly output: readonly JsonObject[];
    readonly usage: ChatUsage | undefined;
  },
): JsonObject {
  return {
    id: responseId(start.id),
    object: 'response',
    created_at: start.created,
    status: state.status,
    error: state.error,
    incomplete_details: state.incomplete_details,
    model: start.model,
    output: body.output,
    ...body.echo,
    usage: writeUsage(body.usage),
  };
}
