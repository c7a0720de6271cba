import type { ProviderKindName } from '@bonito/protocol';
import { anthropic } from './anthropic/anthropic.ts';
import { azureOpenAi } from './azure-openai/azure-openai.ts';
import { bedrock } from './bedrock/bedrock.ts';
import { cohere } from './cohere/cohere.ts';
import { gemini } from './gemini/gemini.ts';
import { openAi } from './openai/openai.ts';
import { openAiCompatible } from './openai-compatible/openai-compatible.ts';
import type { ProviderKind } from './provider-kind.ts';
import { vertex } from './vertex/vertex.ts';

/** Every kind of provider that this gateway can call. A new one is a folder and a line here. */
export const PROVIDER_KIND_TABLE: Readonly<Record<ProviderKindName, ProviderKind>> = {
  openai: openAi,
  'openai-compatible': openAiCompatible,
  'azure-openai': azureOpenAi,
  bedrock,
  vertex,
  gemini,
  anthropic,
  cohere,
};

/** Undefined for a kind that this version does not know. */
export function providerKind(name: string): ProviderKind | undefined {
  return Object.hasOwn(PROVIDER_KIND_TABLE, name) ? PROVIDER_KIND_TABLE[name as ProviderKindName] : undefined;
}
