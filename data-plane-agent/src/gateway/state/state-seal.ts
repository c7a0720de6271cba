import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Who made a piece of opaque state, and for whom. */
export interface StateOwner {
  /** The deployment that issued it. */
  readonly deploymentId: string;
  /** The key that it was issued to. */
  readonly keyId: string;
}

/** What a piece of state turned out to be. `plain`: it carries no tag, so it did not come through here. */
export type OpenedState =
  | { readonly kind: 'own'; readonly value: string }
  | { readonly kind: 'other_deployment' | 'other_owner' | 'plain' | 'forged' };

const MARK = 'bo1.';
const ID_MARK = '--bo1-';
const HASH_BYTES = 6;
const MAC_BYTES = 12;
/** Two hashes and the MAC in base64url. */
const TAG_LENGTH = ((2 * HASH_BYTES + MAC_BYTES) * 4) / 3;

/**
 * Tags opaque state with its issuer and its owner, so that any replica that has the key can tell whose it is, without a
 * store. The tag holds no secret and hides nothing: the state is the provider's own and already opaque.
 */
export class StateSeal {
  private readonly key: Buffer;

  /** @param key shared by all replicas; at least 16 bytes */
  constructor(key: Buffer) {
    this.key = key;
  }

  /** The state as a client gets it. */
  seal(value: string, owner: StateOwner): string {
    return `${MARK}${this.tagOf(value, owner).toString('base64url')}${value}`;
  }

  /** A call's id that carries the state of the call; letters, digits, `_` and `-` only, as ids have to be. */
  sealIntoId(id: string, value: string, owner: StateOwner): string {
    const tag = this.tagOf(value, owner).toString('base64url');
    return `${id}${ID_MARK}${tag}${Buffer.from(value).toString('base64url')}`;
  }

  open(sealed: string, owner: StateOwner): OpenedState {
    if (!sealed.startsWith(MARK)) return { kind: 'plain' };
    const start = MARK.length + TAG_LENGTH;
    return this.check(sealed.slice(MARK.length, start), sealed.slice(start), owner);
  }

  /** Splits what `sealIntoId` made; `state` is undefined for an id that carries none. */
  openId(id: string, owner: StateOwner): { id: string; state: OpenedState | undefined } {
    const at = id.indexOf(ID_MARK);
    if (at === -1) return { id, state: undefined };
    const start = at + ID_MARK.length;
    const value = Buffer.from(id.slice(start + TAG_LENGTH), 'base64url').toString();
    const state = this.check(id.slice(start, start + TAG_LENGTH), value, owner);
    // Not one of ours after all: clients may put anything into an id, and into text that looks like one.
    return state.kind === 'forged' ? { id, state: undefined } : { id: id.slice(0, at), state };
  }

  private check(tagText: string, value: string, owner: StateOwner): OpenedState {
    const tag = Buffer.from(tagText, 'base64url');
    if (tag.length !== 2 * HASH_BYTES + MAC_BYTES) return { kind: 'forged' };
    const mac = this.macOf(tag.subarray(0, 2 * HASH_BYTES), value);
    if (!timingSafeEqual(mac, tag.subarray(2 * HASH_BYTES))) return { kind: 'forged' };
    if (!tag.subarray(HASH_BYTES, 2 * HASH_BYTES).equals(hashOf(owner.keyId))) return { kind: 'other_owner' };
    if (!tag.subarray(0, HASH_BYTES).equals(hashOf(owner.deploymentId))) return { kind: 'other_deployment' };
    return { kind: 'own', value };
  }

  private tagOf(value: string, owner: StateOwner): Buffer {
    const names = Buffer.concat([hashOf(owner.deploymentId), hashOf(owner.keyId)]);
    return Buffer.concat([names, this.macOf(names, value)]);
  }

  private macOf(names: Buffer, value: string): Buffer {
    return createHmac('sha256', this.key).update(names).update(value).digest().subarray(0, MAC_BYTES);
  }
}

/** Whether text somewhere in a body can be sealed state: a cheap look before a body is read for it. */
export function mayHoldSealedState(bytes: Buffer): boolean {
  return bytes.includes(MARK) || bytes.includes(ID_MARK);
}

function hashOf(id: string): Buffer {
  return createHash('sha256').update(id).digest().subarray(0, HASH_BYTES);
}
