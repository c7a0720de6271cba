import { authorizeByHeader } from '../openai-compatible/authorize-by-header.ts';
import type { PassDialect, ProviderKind } from '../provider-kind.ts';
import { cohereChat, cohereRerank } from './cohere-dialects.ts';
import { cohereEmbeddings } from './embeddings.ts';

const PASSES: readonly PassDialect[] = [cohereRerank];

/** Cohere's own API, second version. */
export const cohere: ProviderKind = {
  chat: () => cohereChat,
  passes: () => PASSES,
  operation: (operation) => (operation === 'embeddings' ? cohereEmbeddings : undefined),
  authorize: (_call, credential, target) => authorizeByHeader(credential, target),
};
