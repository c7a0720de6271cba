import { type KeyEntry, ProtocolError, shardOf } from '@bonito/protocol';
import type { Pause } from './compile-pause.ts';
import { compileRestrictions } from './compile-restrictions.ts';
import { readSectionEntries } from './compile-section-entries.ts';
import type { CompiledModel, Principal } from './snapshot.ts';

/** A key that is bound to a route, before the route is looked up. */
interface BoundKey {
  readonly sha256: string;
  readonly routeId: string;
  readonly principal: Principal;
}

/** One shard of the keys, compiled without a look at any other section, so that it outlives their changes. */
export interface KeyShard {
  /** Keys without a route, by the hash of their secret. */
  readonly free: ReadonlyMap<string, Principal>;
  readonly bound: readonly BoundKey[];
}

/** Keys with the same allow-list share one set. Bounded; emptied when it is full. */
export type AllowListPool = Map<string, ReadonlySet<string>>;

const POOL_LISTS = 10_000;
/** Longer lists are rarely shared, and their text would be kept as the pool's key. */
const POOLED_LIST_CHARACTERS = 2_000;

/**
 * Compiles one key shard.
 *
 * A key with a `max_offline` of its own is denied: that limit stands in the organization's settings, and a principal has
 * no place for it.
 *
 * @throws ProtocolError `section_malformed`, or `section_inconsistent` for a hash twice or one of another shard
 */
export async function compileKeyShard(
  section: { name: string; shard: number; shards: number },
  bytes: Uint8Array,
  pool: AllowListPool,
  pause: Pause,
): Promise<KeyShard> {
  const free = new Map<string, Principal>();
  const bound: BoundKey[] = [];
  const boundHashes = new Set<string>();
  const texts = new Map<string, string>();
  await readSectionEntries('keys', section.name, bytes, pause, (entry, index) => {
    if (shardOf(entry.sha256, section.shards) !== section.shard)
      throw inconsistent(section.name, index, 'stands in another shard than its hash says');
    if (free.has(entry.sha256) || boundHashes.has(entry.sha256))
      throw inconsistent(section.name, index, 'stands there twice');
    const principal = compilePrincipal(entry, pool, texts);
    if (entry.route_id === undefined) {
      free.set(entry.sha256, principal);
      return;
    }
    boundHashes.add(entry.sha256);
    bound.push({ sha256: entry.sha256, routeId: share(texts, entry.route_id), principal });
  });
  return { free, bound };
}

/** The shard's bound keys with their routes resolved, by hash. Done anew when routes change. */
export async function resolveBoundKeys(
  shard: KeyShard,
  routesById: ReadonlyMap<string, CompiledModel>,
  pause: Pause,
): Promise<ReadonlyMap<string, Principal>> {
  const resolved = new Map<string, Principal>();
  for (const { sha256, routeId, principal } of shard.bound) {
    if (resolved.size % 64 === 0) await pause();
    const boundRoute = routesById.get(routeId);
    resolved.set(sha256, { ...principal, boundRoute, boundRouteMissing: boundRoute === undefined });
  }
  return resolved;
}

function compilePrincipal(entry: KeyEntry, pool: AllowListPool, texts: Map<string, string>): Principal {
  const restrictions = compileRestrictions(entry.restrictions);
  return {
    keyId: entry.key_id,
    teamId: entry.team_id === undefined ? null : share(texts, entry.team_id),
    boundRoute: undefined,
    boundRouteMissing: false,
    allowedModels: restrictions.allowedModels && allowList(restrictions.allowedModels, pool),
    expiresAt: restrictions.expiresAt,
    denied: restrictions.unknown || Number.isFinite(restrictions.maxOfflineSeconds),
  };
}

function allowList(names: readonly string[], pool: AllowListPool): ReadonlySet<string> {
  const text = names.join(' ');
  if (text.length > POOLED_LIST_CHARACTERS) return new Set(names);
  const pooled = pool.get(text);
  if (pooled) return pooled;
  if (pool.size >= POOL_LISTS) pool.clear();
  const list = new Set(names);
  pool.set(text, list);
  return list;
}

/** One string object for equal texts; JSON.parse makes a new one for each. */
function share(texts: Map<string, string>, text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  texts.set(text, text);
  return text;
}

function inconsistent(section: string, index: number, what: string): ProtocolError {
  const path = `keys[${index}].sha256`;
  return new ProtocolError('section_inconsistent', `${path} of section ${section} ${what}`, {
    section,
    path,
  });
}
