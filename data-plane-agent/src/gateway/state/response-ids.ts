import type { JsonObject } from '../chat/wire.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { keyEquals, scanMembers, skipSpace } from '../json/scan-members.ts';
import type { StateOwner, StateSeal } from './state-seal.ts';

/** What a tag on an id stands for, since the id itself stays readable in front of it. */
const MARK = 'response';
/** The events that hold the response, few in a stream. Inside of a string its quotes would be escaped. */
const RESPONSE = Buffer.from('"response":');
const DATA = Buffer.from('data:');
/** A text of plain letters without escapes, as ids are. */
const PLAIN_TEXT = /^"([ !#-[\]-~]+)"$/;
const OPEN_BRACE = 0x7b;
const LINE_FEED = 0x0a;

/** Where a value stands in the bytes; the end is exclusive. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * Tags the ids of responses in an answer that is passed on, whole frames or a whole document. Each server has ids of its own
 * form: OpenAI's begin with `resp_`, xAI's are UUIDs.
 */
export function sealResponseIds(bytes: Buffer, seal: StateSeal, owner: StateOwner): Buffer {
  const first = skipSpace(bytes, 0);
  const places = bytes[first] === OPEN_BRACE ? membersOf(bytes, first, 'id') : idsInFrames(bytes);
  const pieces: Buffer[] = [];
  let copied = 0;
  for (const { start, end } of places) {
    const id = PLAIN_TEXT.exec(bytes.toString('utf8', start, end))?.[1];
    if (id === undefined) continue;
    pieces.push(bytes.subarray(copied, start), Buffer.from(`"${seal.sealIntoId(id, MARK, owner)}"`));
    copied = end;
  }
  return pieces.length === 0 ? bytes : Buffer.concat([...pieces, bytes.subarray(copied)]);
}

function idsInFrames(bytes: Buffer): Place[] {
  if (!bytes.includes(RESPONSE)) return [];
  const places: Place[] = [];
  let line = 0;
  while (line < bytes.length) {
    if (bytes.subarray(line, line + DATA.length).equals(DATA)) {
      const event = skipSpace(bytes, line + DATA.length);
      for (const { start } of membersOf(bytes, event, 'response'))
        places.push(...membersOf(bytes, start, 'id'));
    }
    const feed = bytes.indexOf(LINE_FEED, line);
    line = feed === -1 ? bytes.length : feed + 1;
  }
  return places;
}

/** Where the values of the object's members of that name stand; nowhere if no object opens at `index`. */
function membersOf(bytes: Buffer, index: number, name: string): Place[] {
  const places: Place[] = [];
  scanMembers(bytes, index, (keyStart, keyEnd, start, end) => {
    if (keyEquals(bytes, keyStart, keyEnd, name)) places.push({ start, end });
    return true;
  });
  return places;
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
