import type { ChatEvent } from '../../../chat/chat-event.ts';
import type { ChatRequest } from '../../../chat/chat-request.ts';
import type { Written } from '../../../chat/dropped-fields.ts';
import type { JsonObject } from '../../../chat/wire.ts';
import type { StreamFrame } from '../../../framing/stream-frame.ts';
import type { CompiledTarget } from '../../../snapshot/snapshot.ts';
import type { ChatDialect, ChatEventReader, PassEdits, PassInput } from '../../provider-kind.ts';
import { readError, readException } from '../read-error.ts';
import { keepBetas, untakenFields } from './claude-betas.ts';
import { invokeAddress, invokeHeaders } from './invoke-dialect.ts';
import { unwrapClaudeEvent } from './unwrap-claude-event.ts';

const VERSION = 'bedrock-2023-05-31';

/**
 * Claude by InvokeModel: Anthropic's own body without the model and `stream`, which the path says, with the version in
 * place of the header, and Anthropic's own events in Bedrock's frames.
 *
 * @param claude Anthropic's wire as its own host serves it
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html
 */
export function claudeByInvoke(claude: ChatDialect): ChatDialect {
  return {
    wire: 'anthropic-messages',
    framing: 'aws',
    takesMediaUrls: false,
    foreignErrors: true,
    takesChoices: claude.takesChoices,
    unwrap: unwrapClaudeEvent,
    address: invokeAddress,
    pass,
    readUsage: (body) => claude.readUsage(body),
    passMeter: (hideUsage) => claude.passMeter(hideUsage),
    readError,
    writeRequest: (request, target) => write(claude, request, target),
    readAnswer: (body, request) => claude.readAnswer(body, request),
    eventReader: (request) => new ClaudeEventReader(claude.eventReader(request)),
  };
}

function pass(input: PassInput): PassEdits {
  const { body } = input;
  const { betas, dropped } = keepBetas(input.header('anthropic-beta'), body.anthropic_beta);
  const fields = untakenFields(body);
  const edits: Record<string, unknown> = { anthropic_version: VERSION };
  for (const name of ['model', 'stream', ...fields]) if (body[name] !== undefined) edits[name] = undefined;
  if (betas.length > 0) edits.anthropic_beta = betas;
  else if (body.anthropic_beta !== undefined) edits.anthropic_beta = undefined;
  return { edits, dropped: [...dropped, ...fields], headers: invokeHeaders(input) };
}

function write(claude: ChatDialect, request: ChatRequest, target: CompiledTarget): Written<JsonObject> {
  const written = claude.writeRequest(request, target);
  const { model: _model, stream: _stream, anthropic_beta: inBody, ...value } = written.value;
  const { betas, dropped } = keepBetas(undefined, inBody);
  const fields = untakenFields(value);
  const kept = Object.fromEntries(Object.entries(value).filter(([name]) => !fields.includes(name)));
  return {
    value: { anthropic_version: VERSION, ...(betas.length > 0 && { anthropic_beta: betas }), ...kept },
    dropped: [...written.dropped, ...dropped, ...fields],
  };
}

/** Takes Anthropic's events out of the frames; Bedrock's own exceptions are read as what they are. */
class ClaudeEventReader implements ChatEventReader {
  readonly #claude: ChatEventReader;

  constructor(claude: ChatEventReader) {
    this.#claude = claude;
  }

  read(frame: StreamFrame): ChatEvent[] {
    if (frame.exception) {
      const value = { [frame.event ?? 'exception']: frame.data.toString('utf8') };
      const original = { wire: 'anthropic-messages', value } as const;
      return [{ type: 'error', error: readException(frame.event, frame.data), original }];
    }
    const event = unwrapClaudeEvent(frame);
    return event ? this.#claude.read(event) : [];
  }

  end(): ChatEvent[] {
    return this.#claude.end();
  }
}
