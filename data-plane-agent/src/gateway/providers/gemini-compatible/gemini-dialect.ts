import { isObject, type JsonObject } from '../../chat/wire.ts';
import { readGeminiUsage } from '../../metering/read-gemini-usage.ts';
import type { ChatDialect, PassEdits } from '../provider-kind.ts';
import { GeminiEventReader } from './gemini-event-reader.ts';
import type { GeminiHost } from './gemini-host.ts';
import { GeminiPassMeter } from './gemini-pass-meter.ts';
import { readAnswer } from './read-answer.ts';
import { readError } from './read-error.ts';
import { writeRequest } from './write-request.ts';

/** Clients of the Gemini API send ids that the host refuses; calls and results meet by their order as well. */
function withoutCallIds({ contents }: JsonObject): PassEdits {
  if (!Array.isArray(contents) || !contents.some((one) => partsIn(one).some(hasId))) return NO_EDITS;
  const edited = contents.map((one: unknown) =>
    isObject(one) && partsIn(one).some(hasId) ? { ...one, parts: partsIn(one).map(withoutId) } : one,
  );
  return { edits: { contents: edited }, dropped: [] };
}

function partsIn(content: unknown): readonly unknown[] {
  return isObject(content) && Array.isArray(content.parts) ? content.parts : [];
}

function hasId(part: unknown): boolean {
  return isObject(part) && CALLS.some((name) => isObject(part[name]) && part[name].id !== undefined);
}

function withoutId(part: unknown): unknown {
  if (!isObject(part)) return part;
  const written: Record<string, unknown> = { ...part };
  for (const name of CALLS) {
    const value = part[name];
    if (!isObject(value)) continue;
    const { id: _refused, ...rest } = value;
    written[name] = rest;
  }
  return written;
}

const CALLS = ['functionCall', 'functionResponse'] as const;

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
    takesChoices: true,
    address: (target, stream) =>
      host.address(target, stream ? 'streamGenerateContent?alt=sse' : 'generateContent'),
    // The model stands in the path.
    pass: ({ body }) => (host.callIds ? NO_EDITS : withoutCallIds(body)),
    readUsage: (body) => readGeminiUsage(body.usageMetadata),
    passMeter: () => new GeminiPassMeter(),
    readError,
    writeRequest: (request, target) => writeRequest(request, target.deployment.upstream_model, host),
    readAnswer,
    eventReader: (request) => new GeminiEventReader(request),
  };
}
