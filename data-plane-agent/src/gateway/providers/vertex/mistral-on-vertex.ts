import { providerPreset } from '@bonito/protocol';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import { readError as readGoogleError } from '../gemini-compatible/read-error.ts';
import { openAiChatDialect } from '../openai-compatible/openai-chat-dialect.ts';
import { readError as readMistralError } from '../openai-compatible/read-error.ts';
import type { ChatDialect, ErrorAnswer, PassDialect } from '../provider-kind.ts';
import { modelPath } from './vertex-address.ts';

const PUBLISHER = 'mistralai/';

/** The name alone, as Mistral has it in the path and in the body. */
function nameOf({ deployment }: CompiledTarget): string {
  const { upstream_model: name } = deployment;
  return name.startsWith(PUBLISHER) ? name.slice(PUBLISHER.length) : name;
}

function address(target: CompiledTarget, stream: boolean) {
  const deployment = { ...target.deployment, upstream_model: nameOf(target) };
  const path = modelPath({ ...target, deployment }, 'mistralai', stream ? 'streamRawPredict' : 'rawPredict');
  return { path };
}

/** Errors are Mistral's own where the model refuses, and Google's where the call does not reach it. */
function readError(answer: ErrorAnswer) {
  const google = /"status"\s*:\s*"[A-Z_]{4,}"/.test(answer.body.toString('utf8'));
  return google ? readGoogleError(answer) : readMistralError(answer);
}

/**
 * Mistral by `:rawPredict`: its own chat, which is OpenAI's, with the model in the path and in the body.
 *
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/mistral
 */
export const mistralOnVertex: ChatDialect = {
  ...openAiChatDialect({ preset: providerPreset('mistral'), address, modelName: nameOf, readError }),
  foreignErrors: true,
};

/** The same for clients that call `:rawPredict` themselves. */
export const mistralRawPredict: PassDialect = {
  ...mistralOnVertex,
  wire: 'mistral-predict',
  foreignErrors: false,
};
