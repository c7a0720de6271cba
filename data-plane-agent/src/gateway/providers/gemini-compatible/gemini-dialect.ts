import { readGeminiUsage } from '../../metering/read-gemini-usage.ts';
import type { ChatDialect, PassEdits } from '../provider-kind.ts';
import { GeminiEventReader } from './gemini-event-reader.ts';
import type { GeminiHost } from './gemini-host.ts';
import { GeminiPassMeter } from './gemini-pass-meter.ts';
import { readAnswer } from './read-answer.ts';
import { readError } from './read-error.ts';
import { withoutCallIds } from './without-call-ids.ts';
import { writeRequest } from './write-request.ts';

const NO_EDITS: PassEdits = { edits: {}, dropped: [] };

/**
 * Gemini's own wire as one host serves it. Made once for each host, not for each call.
 *
 * @see https://ai.google.dev/api/generate-content
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference
 */
export function geminiDialect(host: GeminiHost): ChatDialect {
  return {
    wire: 'gemini-content',
    framing: 'sse',
    // Addresses of the web need a media type there, which a client seldom gives.
    takesMediaUrls: false,
    // Several candidates are refused in streams, and by most models since Gemini 3.
    takesChoices: false,
    address: (target, stream) =>
      host.address(target, stream ? 'streamGenerateContent?alt=sse' : 'generateContent'),
    // The model stands in the path.
    pass({ body }) {
      const contents = host.callIds ? undefined : withoutCallIds(body.contents);
      return contents === undefined ? NO_EDITS : { edits: { contents }, dropped: [] };
    },
    readUsage: (body) => readGeminiUsage(body.usageMetadata),
    passMeter: () => new GeminiPassMeter(),
    readError,
    writeRequest: (request, target) => writeRequest(request, target.deployment.upstream_model, host),
    readAnswer,
    eventReader: (request) => new GeminiEventReader(request),
  };
}
