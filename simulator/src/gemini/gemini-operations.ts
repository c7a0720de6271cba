import { chatCompletions } from '../openai/chat-completions.ts';
import type { FindOperation, Operation, Wire } from '../serving/wire.ts';
import { batchEmbedContents, embedContent, predict } from './embed-content.ts';
import { countContents, generateContent } from './generate-content.ts';
import { geminiWire, vertexWire } from './google-wires.ts';
import { mistralPredict, rawCountTokens, rawPredict } from './raw-predict.ts';
import { vertexGenerateContent } from './vertex-generate-content.ts';

type Action = Pick<Operation, 'surface' | 'stream'>;

const actions: Record<string, Action> = {
  generateContent: { surface: generateContent, stream: false },
  streamGenerateContent: { surface: generateContent, stream: true },
  countTokens: { surface: countContents, stream: false },
  embedContent: { surface: embedContent, stream: false },
  batchEmbedContents: { surface: batchEmbedContents, stream: false },
  predict: { surface: predict, stream: false },
  rawPredict: { surface: rawPredict },
  streamRawPredict: { surface: rawPredict, stream: true },
};

const modelPath = /^\/(?:v1|v1beta|v1beta1|v1alpha)\/(.*?)models\/(.+):([A-Za-z]+)$/;
const vertexPrefix = /^projects\/[^/]+\/locations\/[^/]+\/publishers\/([^/]+)\/$/;

/** The Gemini API, and Vertex AI under `/projects/…/locations/…` or, with an API key, under `/publishers/…`. */
export const findGeminiOperation: FindOperation = (pathname) => {
  if (
    /^\/v1(beta1)?\/projects\/[^/]+\/locations\/[^/]+\/endpoints\/openapi\/chat\/completions$/.test(pathname)
  )
    return { wire: vertexWire, surface: (request) => chatCompletions(request) };
  const [, prefix, name = '', verb = ''] = modelPath.exec(pathname) ?? [];
  const action = Object.hasOwn(actions, verb) ? actions[verb] : undefined;
  if (prefix === undefined || !action) return undefined;
  const model = decodeURIComponent(name);
  const publisher = (vertexPrefix.exec(prefix) ?? /^publishers\/([^/]+)\/$/.exec(prefix))?.[1];
  if (publisher === undefined) return prefix === '' ? operationOf(geminiWire, action, model) : undefined;
  if (publisher === 'anthropic' && model === 'count-tokens')
    return { wire: vertexWire, surface: rawCountTokens, stream: false };
  if (publisher === 'mistralai' && action.surface === rawPredict)
    return { wire: vertexWire, surface: mistralPredict, model, stream: verb === 'streamRawPredict' };
  // The clients of Google take `sim/x` apart into a publisher and a model.
  const surface = action.surface === generateContent ? vertexGenerateContent : action.surface;
  return operationOf(vertexWire, { ...action, surface }, publisher === 'sim' ? `sim/${model}` : model);
};

function operationOf(wire: Wire, action: Action, model: string): Operation {
  return { wire, ...action, model };
}
