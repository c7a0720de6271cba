import type { Citation } from '../../../chat/chat-content.ts';
import { isObject } from '../../../chat/wire.ts';

/** Reads a citation of a text, whole or from a stream. What it says of places in sources stays in its original. */
export function readCitation(value: unknown): Citation | undefined {
  if (!isObject(value)) return undefined;
  const web = isObject(value.location) && isObject(value.location.web) ? value.location.web.url : undefined;
  const source = typeof value.source === 'string' && /^https?:/.test(value.source) ? value.source : undefined;
  const url = typeof web === 'string' ? web : source;
  const quote = Array.isArray(value.sourceContent)
    ? value.sourceContent
        .map((part) => (isObject(part) && typeof part.text === 'string' ? part.text : ''))
        .join('')
    : '';
  return {
    ...(url !== undefined && { url }),
    ...(typeof value.title === 'string' && { title: value.title }),
    ...(quote !== '' && { quote }),
    original: { wire: 'bedrock-converse', value },
  };
}
