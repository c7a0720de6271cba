import { readAnthropicUsage } from '../../metering/read-anthropic-usage.ts';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import type { CallAddress, ChatDialect, PassEdits, PassInput } from '../provider-kind.ts';
import { type ClaudeTraits, claudeTraits } from './claude-models.ts';
import { MessageEventReader } from './message-event-reader.ts';
import { MessagePassMeter } from './message-pass-meter.ts';
import { readAnswer } from './read-answer.ts';
import { readError } from './read-error.ts';
import { clientNames } from './tool-names.ts';
import { writeRequest } from './write-request.ts';

/** The version of the API that is spoken; it has not changed since Claude 3. */
export const ANTHROPIC_VERSION = '2023-06-01';

/** Where a host serves Anthropic's wire. */
export interface ClaudeHost {
  address(target: CompiledTarget, stream: boolean): CallAddress;
  /** What a model takes there, by its name; absent: what it takes at Anthropic. */
  readonly traits?: ((model: string) => ClaudeTraits) | undefined;
}

/**
 * Anthropic's wire as its own API has it: model and `stream` in the body, version and betas in headers. A host that does some of
 * it differently wraps this.
 */
export function claudeDialect(host: ClaudeHost): ChatDialect {
  const traits = host.traits ?? claudeTraits;
  return {
    wire: 'anthropic-messages',
    framing: 'sse',
    takesMediaUrls: true,
    takesChoices: false,
    address: host.address,
    writeRequest(request, { deployment: { upstream_model: model } }) {
      return { ...writeRequest(request, model, traits(model)), headers: VERSION_HEADERS };
    },
    readAnswer,
    eventReader: (request) => new MessageEventReader(clientNames(request?.tools ?? [])),
    readError,
    pass,
    readUsage: (body) => readAnthropicUsage(body.usage),
    passMeter: () => new MessagePassMeter(),
  };
}

const VERSION_HEADERS: readonly string[] = ['anthropic-version', ANTHROPIC_VERSION];

/** The client's own version and betas go along as they are. */
function pass(input: PassInput, target: CompiledTarget): PassEdits {
  const headers = ['anthropic-version', input.header('anthropic-version') ?? ANTHROPIC_VERSION];
  const beta = input.header('anthropic-beta');
  if (beta !== undefined) headers.push('anthropic-beta', beta);
  const model = target.deployment.upstream_model;
  return { edits: input.body.model === model ? {} : { model }, dropped: [], headers };
}
