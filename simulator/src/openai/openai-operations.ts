import type { FindOperation, Operation } from '../serving/wire.ts';
import { chatCompletions } from './chat-completions.ts';
import { completions } from './completions.ts';
import { embeddings } from './embeddings.ts';
import { editImages, generateImages, moderate, rerank, speak, transcribe } from './media.ts';
import { openAiWire } from './openai-wire.ts';
import { responses } from './responses.ts';

/** Operations after `/v1` or Azure's `/openai/v1`. */
export const openAiSurfaces: Record<string, Operation['surface']> = {
  '/chat/completions': (request) => chatCompletions(request),
  '/completions': completions,
  '/embeddings': embeddings,
  '/responses': responses,
  '/images/generations': generateImages,
  '/images/edits': editImages,
  '/audio/transcriptions': transcribe,
  '/audio/translations': transcribe,
  '/audio/speech': speak,
  '/moderations': moderate,
  '/rerank': rerank,
};

export const findOpenAiOperation: FindOperation = (pathname) => {
  const path = pathname.startsWith('/v1/') ? pathname.slice('/v1'.length) : '';
  const surface = Object.hasOwn(openAiSurfaces, path) ? openAiSurfaces[path] : undefined;
  return surface && { wire: openAiWire, surface };
};
