import { integerWithin, isRecord, type JsonObject } from '../json-value.ts';
import { OpenAiError } from './openai-error.ts';

/** The fields that chat and completions share. */
export interface GenerationRequest {
  stream: boolean;
  includeUsage: boolean;
  /** Most output tokens for each choice, or undefined. */
  limit: number | undefined;
  choices: number;
}

const mostChoices = 128;

/** Reads and checks them. Throws `OpenAiError` 400 with the parameter at fault. */
export function readGenerationRequest(body: JsonObject): GenerationRequest {
  const options = isRecord(body.stream_options) ? body.stream_options : {};
  return {
    stream: body.stream === true,
    includeUsage: options.include_usage === true,
    limit: readInteger(body, 'max_completion_tokens', 1e9) ?? readInteger(body, 'max_tokens', 1e9),
    choices: readInteger(body, 'n', mostChoices) ?? 1,
  };
}

function readInteger(body: JsonObject, param: string, highest: number): number | undefined {
  const value = body[param];
  if (value === undefined || value === null) return undefined;
  const number = integerWithin(value, 1, highest);
  if (number !== undefined) return number;
  throw new OpenAiError(400, `'${param}' must be a whole number from 1 to ${highest}.`, { param });
}
