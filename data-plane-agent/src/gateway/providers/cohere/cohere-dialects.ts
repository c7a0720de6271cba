import { readCohereUsage } from '../../metering/read-cohere-usage.ts';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import type { ChatDialect, PassInput } from '../provider-kind.ts';
import { coherePath } from './cohere-address.ts';
import { CohereEventReader } from './cohere-event-reader.ts';
import { CoherePassMeter } from './cohere-pass-meter.ts';
import { readAnswer } from './read-answer.ts';
import { readError } from './read-error.ts';
import { changedTools } from './tool-names.ts';
import { writeRequest } from './write-request.ts';

function pass({ body }: PassInput, { deployment }: CompiledTarget) {
  const model = deployment.upstream_model;
  return { edits: body.model === model ? {} : { model }, dropped: [] };
}

/** Cohere's chat, second version. */
export const cohereChat: ChatDialect = {
  wire: 'cohere-chat',
  framing: 'sse',
  takesMediaUrls: true,
  takesChoices: false,
  address: (target) => ({ path: coherePath(target, '/chat') }),
  writeRequest: (request, target) => writeRequest(request, target.deployment.upstream_model),
  readAnswer: (body, request) => readAnswer(body, changedTools(request)),
  eventReader: (request) => new CohereEventReader(changedTools(request)),
  pass,
  readUsage: (body) => readCohereUsage(body.usage),
  passMeter: () => new CoherePassMeter(),
  readError,
};
