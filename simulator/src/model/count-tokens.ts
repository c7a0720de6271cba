import { isRecord } from '../json-value.ts';

const tokensForOtherPart = 100;

/** The simulator's token rule for text: one token for each run of characters between blanks. */
export function countTokens(text: string): number {
  let tokens = 0;
  let insideWord = false;
  for (let index = 0; index < text.length; index++) {
    const isBlank = text.charCodeAt(index) <= 32;
    if (!isBlank && !insideWord) tokens++;
    insideWord = !isBlank;
  }
  return tokens;
}

/** Cuts text into its tokens; joined again they are the same text. Blanks belong to the word before them. */
export function splitTokens(text: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  let insideBlanks = false;
  let seenWord = false;
  for (let index = 0; index < text.length; index++) {
    const isBlank = text.charCodeAt(index) <= 32;
    if (!isBlank && insideBlanks && seenWord) {
      pieces.push(text.slice(start, index));
      start = index;
    }
    insideBlanks = isBlank;
    seenWord ||= !isBlank;
  }
  if (start < text.length) pieces.push(text.slice(start));
  return pieces;
}

/** Tokens of a chat request: one a message, its text by words, and 100 for each part that is not text. */
export function countMessageTokens(messages: readonly unknown[]): number {
  let tokens = 0;
  for (const message of messages)
    tokens += 1 + countContentTokens(isRecord(message) ? message.content : undefined);
  return tokens;
}

function countContentTokens(content: unknown): number {
  if (typeof content === 'string') return countTokens(content);
  if (!Array.isArray(content)) return 0;
  let tokens = 0;
  for (const part of content) {
    tokens += isRecord(part) && typeof part.text === 'string' ? countTokens(part.text) : tokensForOtherPart;
  }
  return tokens;
}
