import type { JsonObject } from '../chat/wire.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { StateOwner, StateSeal } from './state-seal.ts';

/** In the bytes of JSON: quotes inside of strings are escaped, so that this is a member and never somebody's text. */
const RESPONSE_ID = /"id":\s*"(resp_[A-Za-z0-9_-]+)"/g;
const NEEDLE = Buffer.from('"resp_');
/** What a tag on an id stands for, since the id itself stays readable in front of it. */
const MARK = 'response';

/** Tags the ids of responses in an answer that is passed on, whole frames or a whole document. */
export function sealResponseIds(bytes: Buffer, seal: StateSeal, owner: StateOwner): Buffer {
  if (!bytes.includes(NEEDLE)) return bytes;
  const text = bytes.toString();
  return Buffer.from(
    text.replace(RESPONSE_ID, (_whole, id: string) => `"id":"${seal.sealIntoId(id, MARK, owner)}"`),
  );
}

/**
 * What a request that continues a stored response has to say to its issuer.
 *
 * @returns the change to the body; undefined when it continues none
 * @throws GatewayError `state_of_other_owner` for an id that this key did not get from this deployment
 */
export function openPreviousResponse(
  body: JsonObject,
  seal: StateSeal,
  owner: StateOwner,
): { readonly previous_response_id: string } | undefined {
  refuseForeign(body, 'conversation');
  const { previous_response_id: previous } = body;
  if (previous === undefined || previous === null) return undefined;
  const opened = typeof previous === 'string' ? seal.openId(previous, owner) : undefined;
  if (opened?.state?.kind !== 'own')
    throw new GatewayError('state_of_other_owner', { param: 'previous_response_id' });
  return { previous_response_id: opened.id };
}

/** What is stored at the provider and was not made through here belongs to nobody who could be told. */
function refuseForeign(body: JsonObject, field: string): void {
  if (body[field] !== undefined && body[field] !== null)
    throw new GatewayError('state_of_other_owner', { param: field });
}
