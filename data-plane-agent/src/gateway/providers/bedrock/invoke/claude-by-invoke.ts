import type { ChatEvent } from '../../../chat/chat-event.ts';
import type { ChatRequest } from '../../../chat/chat-request.ts';
import type { Written } from '../../../chat/dropped-fields.ts';
import type { JsonObject } from '../../../chat/wire.ts';
import type { StreamFrame } from '../../../framing/stream-frame.ts';
import type { CompiledTarget } from '../../../snapshot/snapshot.ts';
import { fitToHost } from '../../anthropic-compatible/fit-to-host.ts';
import type { ChatDialect, ChatEventReader, PassEdits, PassInput } from '../../provider-kind.ts';
import { readError, readException } from '../read-error.ts';
import { BEDROCK_LIMITS } from './claude-betas.ts';
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
  const fitted = fitToHost(body, input.header('anthropic-beta'), BEDROCK_LIMITS);
  const edits: Record<string, unknown> = { anthropic_version: VERSION, ...fitted.edits };
  for (const name of ['model', 'stream']) if (body[name] !== undefined) edits[name] = undefined;
  if (fitted.betas.length > 0) edits.anthropic_beta = fitted.betas;
  else if (body.anthropic_beta !== undefined) edits.anthropic_beta = undefined;
  return { edits, dropped: fitted.dropped, headers: invokeHeaders(input) };
}

function write(claude: ChatDialect, request: ChatRequest, target: CompiledTarget): Written<JsonObject> {
  const written = claude.writeRequest(request, target);
  const { model: _model, stream: _stream, ...value } = written.value;
  const { edits, betas, dropped } = fitToHost(value, undefined, BEDROCK_LIMITS);
  const { anthropic_beta: _inBody, ...fitted } = { ...value, ...edits };
  const kept = Object.entries(fitted).filter(([, member]) => member !== undefined);
  return {
    value: {
      anthropic_version: VERSION,
      ...(betas.length > 0 && { anthropic_beta: betas }),
      ...Object.fromEntries(kept),
    },
    dropped: [...written.dropped, ...dropped],
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
