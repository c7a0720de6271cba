/** Names of items by their kind, as OpenAI has them. */
export type ItemPrefix = 'msg' | 'rs' | 'fc' | 'ctc' | 'ig';

/** OpenAI takes ids of up to 64 letters back. */
const LONGEST = 48;

/** A response's id; a provider's own stands inside it. */
export function responseId(answerId: string): string {
  return answerId.startsWith('resp_') ? answerId : `resp_${plain(answerId)}`;
}

/** The id of an item by its place: the same each time, so that the answer in one piece and the stream name it alike. */
export function itemId(prefix: ItemPrefix, answerId: string, index: number): string {
  return `${prefix}_${plain(answerId)}_${index}`;
}

function plain(answerId: string): string {
  const letters = answerId.replace(/^(?:resp|msg|chatcmpl)[_-]/, '').replace(/[^a-zA-Z0-9_-]/g, '');
  return letters.slice(-LONGEST) || '0';
}
