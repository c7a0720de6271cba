import { isUtf8 } from 'node:buffer';
import { GatewayError } from '../errors/gateway-error.ts';
import { inspectBody, MAXIMUM_DEPTH } from './inspect-body.ts';
import { serializeAnew } from './serialize-anew.ts';

/** A request body that was read once. */
export interface ParsedBody {
  /** What decisions are made on. Holds `__proto__` as an ordinary member: read it, never merge it by assignment. */
  readonly value: Readonly<Record<string, unknown>>;
  /** What may be sent: the client's own bytes, or the same value written anew. Every reader finds `value`'s fields in it. */
  readonly bytes: Buffer;
  /** The bytes are the client's own. */
  readonly untouched: boolean;
}

/**
 * Parses a body and settles which bytes stand for it.
 *
 * Numbers keep the digits that the client wrote, also where JavaScript's numbers cannot hold them: the bytes are forwarded,
 * edited in place (`editTopLevel`) or written anew with the source text of each number, never through a rounded value.
 *
 * @param fields the top-level fields that something is decided on, in lower-case ASCII
 * @throws GatewayError `invalid_json`, `ambiguous_key`
 */
export function parseBody(bytes: Buffer, fields: readonly string[]): ParsedBody {
  const value = parseObject(bytes);
  switch (inspectBody(bytes, fields)) {
    case 'forward':
      return { value, bytes, untouched: true };
    case 'serialize': {
      // Decided on what is sent, also where JSON.parse reads the client's bytes now this way and now that.
      const anew = serializeAnew(bytes);
      return { value: parseObject(anew), bytes: anew, untouched: false };
    }
    case 'ambiguous':
      throw new GatewayError('ambiguous_key');
    case 'too_deep':
      throw new GatewayError('invalid_json', { detail: `It nests more than ${MAXIMUM_DEPTH} levels deep.` });
  }
}

function parseObject(bytes: Buffer): Record<string, unknown> {
  if (!isUtf8(bytes)) throw new GatewayError('invalid_json', { detail: 'It is not valid UTF-8.' });
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new GatewayError('invalid_json');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new GatewayError('invalid_json', { detail: 'An object is needed at the top.' });
  }
  return value as Record<string, unknown>;
}
