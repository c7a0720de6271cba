import type { ChatStop, ChatUsage } from '../../chat/chat-answer.ts';
import type { ChatEvent, StartEvent } from '../../chat/chat-event.ts';
import type { ChatRequest } from '../../chat/chat-request.ts';
import { CustomCallUnwrapper, customToolNames } from '../../chat/custom-tools.ts';
import { DroppedFields } from '../../chat/dropped-fields.ts';
import type { JsonObject } from '../../chat/wire.ts';
import type { ChatEventWriter } from '../chat-surface.ts';
import { responseMembers } from './chat-members.ts';
import type { ItemSink } from './item-sink.ts';
import { OutputItems } from './output-items.ts';
import { echoOf } from './response-echo.ts';
import { type ResponseState, responseObject } from './response-object.ts';
import { errorEvent, frame, responseError } from './responses-errors.ts';
import { writeStop } from './write-stop.ts';

const IN_PROGRESS: ResponseState = { status: 'in_progress', incomplete_details: null, error: null };

/** Writes the events of one streamed answer as those of a response. Made anew for each answer. */
export class ResponseEventWriter implements ChatEventWriter, ItemSink {
  private readonly fields = new DroppedFields('openai-responses');
  private readonly echo: JsonObject;
  private readonly unwrapper: CustomCallUnwrapper;
  private begun: Pick<StartEvent, 'id' | 'model' | 'created'> = { id: '', model: '', created: 0 };
  private members: JsonObject = {};
  private items = new OutputItems('', this, this.fields);
  private stop: ChatStop | undefined;
  private usage: ChatUsage | undefined;
  private out = '';
  private sequence = 0;

  constructor(request: ChatRequest) {
    this.echo = echoOf(request);
    this.unwrapper = new CustomCallUnwrapper(customToolNames(request));
  }

  get dropped(): readonly string[] {
    return this.fields.names;
  }

  write(event: ChatEvent): Buffer | undefined {
    for (const one of this.unwrapper.take(event)) this.take(one);
    return this.flush();
  }

  end(): Buffer | undefined {
    const end = writeStop(this.stop, this.fields);
    this.items.close(end.status);
    const response = this.response({ ...end, error: null });
    this.event(`response.${end.status}`, { response });
    return this.flush();
  }

  /** An error's body inside the stream, and the response as far as it came; nothing follows. */
  fail(body: JsonObject): Buffer | undefined {
    this.out += frame('error', errorEvent(body, this.sequence++));
    const state = { status: 'failed', incomplete_details: null, error: responseError(body) } as const;
    this.event('response.failed', { response: this.response(state) });
    return this.flush();
  }

  event(type: string, fields: JsonObject): void {
    this.out += frame(type, { type, sequence_number: this.sequence++, ...fields });
  }

  delta(type: string, head: string, text: string, tail: string): void {
    const place = `{"type":"${type}","sequence_number":${this.sequence++}${head}`;
    this.out += `event: ${type}\ndata: ${place}${JSON.stringify(text)}${tail}}\n\n`;
  }

  private take(event: ChatEvent): void {
    switch (event.type) {
      case 'start':
        return this.start(event);
      case 'stop':
        if (event.choice !== 0) return;
        this.stop = event.stop;
        return this.items.close(writeStop(event.stop, this.fields).status);
      case 'usage':
        this.usage = event.usage;
        return;
      default:
        return this.items.take(event);
    }
  }

  private start(event: StartEvent): void {
    this.begun = event;
    this.items = new OutputItems(event.id, this, this.fields);
    this.members = responseMembers(event.extra, this.fields);
    const response = this.response(IN_PROGRESS);
    this.event('response.created', { response });
    this.event('response.in_progress', { response });
  }

  private response(state: ResponseState): JsonObject {
    const { echo, usage } = this;
    const { output } = this.items;
    return { ...responseObject(this.begun, state, { echo, output, usage }), ...this.members };
  }

  private flush(): Buffer | undefined {
    if (this.out === '') return undefined;
    const bytes = Buffer.from(this.out);
    this.out = '';
    return bytes;
  }
}
