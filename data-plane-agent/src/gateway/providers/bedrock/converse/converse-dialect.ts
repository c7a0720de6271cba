import { isObject } from '../../../chat/wire.ts';
import { readConverseUsage } from '../../../metering/read-converse-usage.ts';
import type { ChatDialect } from '../../provider-kind.ts';
import { modelPath } from '../model-path.ts';
import { readError } from '../read-error.ts';
import { ConverseEventReader } from './converse-event-reader.ts';
import { ConverseMeter } from './converse-meter.ts';
import { familyTraits } from './family-traits.ts';
import { readAnswer } from './read-answer.ts';
import { writeRequest } from './write-request.ts';

/** Converse and ConverseStream: one form for the models of all families. */
export const converseDialect: ChatDialect = {
  wire: 'bedrock-converse',
  framing: 'aws',
  takesMediaUrls: false,
  takesChoices: false,
  address: (target, stream) => ({ path: modelPath(target, stream ? 'converse-stream' : 'converse') }),
  // The model stands in the path, and everything in the body is AWS's own.
  pass: () => ({ edits: {}, dropped: [] }),
  readUsage: (body) => (isObject(body.usage) ? readConverseUsage(body.usage) : undefined),
  passMeter: () => new ConverseMeter(),
  readError,
  writeRequest(request, target) {
    const { family, upstream_model: model } = target.deployment;
    const written = writeRequest(request, family.toLowerCase(), model);
    const inOnePiece =
      request.stream && written.value.toolConfig && !familyTraits(family, model).streamsTools;
    return inOnePiece ? { ...written, path: modelPath(target, 'converse') } : written;
  },
  readAnswer,
  eventReader: (request) => new ConverseEventReader(request),
};
