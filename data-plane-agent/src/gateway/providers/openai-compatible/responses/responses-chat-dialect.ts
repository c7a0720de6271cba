import type { ProviderPreset } from '@bonito/protocol';
import type { CompiledTarget } from '../../../snapshot/snapshot.ts';
import type { CallAddress, ChatDialect } from '../../provider-kind.ts';
import { changedNames } from './changed-names.ts';
import { readAnswer } from './read-answer.ts';
import { ResponseEventReader } from './response-event-reader.ts';
import { responsesDialect } from './responses-dialect.ts';
import { responsesServer } from './responses-wire.ts';
import { writeRequest } from './write-request.ts';

/**
 * The Responses API as one host serves it, for deployments that have no other: clients of other chat APIs are translated to
 * it. Made once for each host, not for each call.
 */
export function responsesChatDialect(
  preset: ProviderPreset,
  address: (target: CompiledTarget) => CallAddress,
): ChatDialect {
  const server = responsesServer(preset);
  return {
    ...responsesDialect(address),
    takesMediaUrls: preset.mediaUrls,
    takesChoices: false,
    writeRequest: (request, target) => writeRequest(request, target.deployment.upstream_model, server),
    readAnswer: (body, request) => readAnswer(body, changedNames(request)),
    eventReader: (request) => new ResponseEventReader(changedNames(request)),
  };
}
