import type { FindOperation, Operation } from '../serving/wire.ts';
import { chat } from './chat.ts';
import { cohereWire } from './cohere-wire.ts';
import { embed, rerank } from './embed-and-rerank.ts';

const surfaces: Record<string, Operation['surface']> = {
  '/v2/chat': chat,
  '/v2/embed': embed,
  '/v2/rerank': rerank,
};

/** Cohere's second version; `/compatibility` is OpenAI's wire and not here. */
export const findCohereOperation: FindOperation = (pathname) => {
  const surface = Object.hasOwn(surfaces, pathname) ? surfaces[pathname] : undefined;
  return surface && { wire: cohereWire, surface };
};
