import { authorizeByHeader } from '../openai-compatible/authorize-by-header.ts';
import type { Operation, OperationDialect, ProviderKind } from '../provider-kind.ts';
import { cohereChat } from './cohere-dialects.ts';
import { cohereEmbeddings } from './embeddings.ts';
import { cohereRerank } from './rerank.ts';

const OPERATIONS: Readonly<Partial<Record<Operation, OperationDialect>>> = {
  embeddings: cohereEmbeddings,
  rerank: cohereRerank,
};

/** Cohere's own API, second version. */
export const cohere: ProviderKind = {
  chat: () => cohereChat,
  passes: () => [],
  operation: (operation) => OPERATIONS[operation],
  authorize: (_call, credential, target) => authorizeByHeader(credential, target),
};
