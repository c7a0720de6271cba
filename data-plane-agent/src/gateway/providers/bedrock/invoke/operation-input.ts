import { isObject, type JsonObject } from '../../../chat/wire.ts';
import { GatewayError } from '../../../errors/gateway-error.ts';

/** The names of members that an operation does not write, for `dropped`. */
export function untaken(body: JsonObject, taken: ReadonlySet<string>): string[] {
  return Object.keys(body).filter(
    (name) => !taken.has(name) && body[name] !== undefined && body[name] !== null,
  );
}

/** @throws GatewayError when the member is no text */
export function readText(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value === 'string') return value;
  throw new GatewayError(value === undefined ? 'missing_required_parameter' : 'invalid_type', {
    param: name,
  });
}

/** A number, or undefined. @throws GatewayError when the member is anything else */
export function readNumber(body: JsonObject, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return value;
  throw new GatewayError('invalid_type', { param: name });
}

/** The texts of an embeddings request. @throws GatewayError for tokens, which no model here takes */
export function readTexts(body: JsonObject): string[] {
  const { input } = body;
  if (input === undefined) throw new GatewayError('missing_required_parameter', { param: 'input' });
  const texts: unknown[] = Array.isArray(input) ? input : [input];
  if (!texts.every((text) => typeof text === 'string')) {
    throw new GatewayError('invalid_type', {
      param: 'input',
      detail: 'This model takes text, not token ids.',
    });
  }
  return texts;
}

/** A document of a rerank request: text, or an object that holds it. @throws GatewayError */
export function readDocument(value: unknown, index: number): string {
  if (typeof value === 'string') return value;
  if (isObject(value) && typeof value.text === 'string') return value.text;
  throw new GatewayError('invalid_type', { param: `documents[${index}]` });
}
