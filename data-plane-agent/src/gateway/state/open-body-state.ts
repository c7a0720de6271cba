import { isObject, type JsonObject } from '../chat/wire.ts';
import type { StateOwner, StateSeal } from './state-seal.ts';

/** A body of the client's wire without tags. */
export interface OpenedBody {
  readonly body: JsonObject;
  /** Something in it was a tag after all. */
  readonly changed: boolean;
  /** Paths of list entries that were left out, since the state in them is another issuer's, and of ids that lost such. */
  readonly shed: readonly string[];
}

const REMOVED = Symbol('removed');
/** What the Responses surface puts in front of a tag in `encrypted_content`: which kind of state it is. */
const MARK_OF_KIND = /^[se](?:=[^:]*)?:(?=bo1\.)/;

/**
 * Takes tags off a body that is passed on in its own wire. State stands in list entries of their own there (a thinking
 * block, a reasoning item), so the innermost entry that holds another issuer's state goes as a whole; outside of any list
 * the member alone.
 */
export function openBodyState(body: JsonObject, seal: StateSeal, owner: StateOwner): OpenedBody {
  const shed: string[] = [];
  let changed = false;
  /** A call's id comes back with the call's result: its state is named once. */
  const named = new Set<string>();
  const openText = (text: string, path: string): string | typeof REMOVED => {
    const state = seal.open(text.replace(MARK_OF_KIND, ''), owner);
    if (state.kind === 'own') {
      changed = true;
      return state.value;
    }
    if (state.kind === 'other_deployment' || state.kind === 'other_owner') return REMOVED;
    // A tag that is not ours may be somebody's plain text.
    if (state.kind === 'forged') return text;
    const call = seal.openId(text, owner);
    if (call.state === undefined) return text;
    changed = true;
    if (call.state.kind !== 'own' && !named.has(text)) {
      named.add(text);
      shed.push(path);
    }
    return call.id;
  };
  const openValue = (value: unknown, path: string): unknown => {
    if (typeof value === 'string') return openText(value, path);
    if (Array.isArray(value)) {
      return value.flatMap((entry: unknown, index) => {
        const opened = openValue(entry, `${path}[${index}]`);
        if (opened !== REMOVED) return [opened];
        changed = true;
        shed.push(`${path}[${index}]`);
        return [];
      });
    }
    if (!isObject(value)) return value;
    const opened: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(value)) {
      const place = path === '' ? name : `${path}.${name}`;
      const inside = openValue(member, place);
      if (inside === REMOVED) {
        if (path.includes('[')) return REMOVED;
        changed = true;
        shed.push(place);
        continue;
      }
      Object.defineProperty(opened, name, {
        value: inside,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return opened;
  };
  const opened = openValue(body, '');
  return { body: isObject(opened) ? opened : {}, changed, shed };
}
