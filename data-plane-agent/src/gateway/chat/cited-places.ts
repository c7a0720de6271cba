import { isObject, type JsonObject } from './wire.ts';

/** A kind of place in what the client sent, by its names on Bedrock's Converse and on Anthropic's wire. */
interface CitedPlace {
  readonly converse: string;
  readonly anthropic: string;
  readonly start: string;
  readonly end: string;
}

const BLOCKS = { start: 'start_block_index', end: 'end_block_index' };
/** The two wires have the same kinds of places, counted in the same way. */
const PLACES: readonly CitedPlace[] = [
  {
    converse: 'documentChar',
    anthropic: 'char_location',
    start: 'start_char_index',
    end: 'end_char_index',
  },
  {
    converse: 'documentPage',
    anthropic: 'page_location',
    start: 'start_page_number',
    end: 'end_page_number',
  },
  { converse: 'documentChunk', anthropic: 'content_block_location', ...BLOCKS },
  { converse: 'searchResultLocation', anthropic: 'search_result_location', ...BLOCKS },
];

/** A citation of Converse's as Anthropic's wire has it; undefined for one that names no place in what the client sent. */
export function converseCitationForAnthropic(citation: unknown): JsonObject | undefined {
  if (!isObject(citation) || !isObject(citation.location)) return undefined;
  const { location, title, source, sourceContent } = citation;
  const place = PLACES.find(({ converse }) => isObject(location[converse]));
  const at = place && location[place.converse];
  if (!place || !isObject(at)) return undefined;
  const quoted: unknown[] = Array.isArray(sourceContent) ? sourceContent : [];
  const named = typeof title === 'string' ? title : null;
  const origin =
    place.converse === 'searchResultLocation'
      ? {
          search_result_index: at.searchResultIndex,
          source: typeof source === 'string' ? source : '',
          title: named,
        }
      : { document_index: at.documentIndex, document_title: named, file_id: null };
  return {
    type: place.anthropic,
    cited_text: quoted.map((piece) => (isObject(piece) ? String(piece.text ?? '') : '')).join(''),
    ...origin,
    [place.start]: at.start,
    [place.end]: at.end,
  };
}

/** The way back; undefined for a citation of anything but what the client sent. */
export function anthropicCitationForConverse(citation: unknown): JsonObject | undefined {
  if (!isObject(citation)) return undefined;
  const place = PLACES.find(({ anthropic }) => anthropic === citation.type);
  if (!place) return undefined;
  const { document_index, search_result_index, document_title, title, source, cited_text } = citation;
  const index =
    place.converse === 'searchResultLocation'
      ? { searchResultIndex: search_result_index }
      : { documentIndex: document_index };
  const named = document_title ?? title;
  return {
    ...(typeof named === 'string' && { title: named }),
    ...(typeof source === 'string' && { source }),
    ...(typeof cited_text === 'string' && { sourceContent: [{ text: cited_text }] }),
    location: { [place.converse]: { ...index, start: citation[place.start], end: citation[place.end] } },
  };
}
