import { type Restriction, restrictionsSchema } from '@bonito/protocol';
import { recognizeRestrictions } from './compile-key-entry.ts';
import { compileRestrictions } from './compile-restrictions.ts';

/** What a key's restrictions come to; one object for all keys with the same ones. */
export interface KeyAccess {
  readonly allowedModels: ReadonlySet<string> | undefined;
  /** Milliseconds since 1970; Infinity when it does not expire. */
  readonly expiresAt: number;
  readonly denied: boolean;
}

/** Compiled restrictions by their JSON. Bounded; emptied when it is full. */
export type AccessPool = Map<string, KeyAccess>;

const POOLED = 10_000;
/** Longer ones are rarely shared, and their text would be kept as the pool's key. */
const POOLED_CHARACTERS = 2_000;

/**
 * Compiles restrictions as they stand in a section; undefined when they are malformed.
 *
 * @param json the list's JSON, nothing before and nothing after it
 */
export function parseKeyAccess(pool: AccessPool, json: string): KeyAccess | undefined {
  const known = pool.get(json);
  if (known) return known;
  const restrictions = parseRestrictions(json);
  return restrictions && keep(pool, json, compileKeyAccess(restrictions));
}

/** Compiles restrictions that were checked already. */
export function shareKeyAccess(pool: AccessPool, restrictions: readonly Restriction[]): KeyAccess {
  const json = JSON.stringify(restrictions);
  return pool.get(json) ?? keep(pool, json, compileKeyAccess(restrictions));
}

function parseRestrictions(json: string): readonly Restriction[] | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return recognizeRestrictions(value) ?? restrictionsSchema.parse(value);
  } catch {
    return undefined;
  }
}

/**
 * A key with a `max_offline` of its own is denied: that limit stands in the organization's settings, and a principal has no
 * place for it.
 */
function compileKeyAccess(restrictions: readonly Restriction[]): KeyAccess {
  const compiled = compileRestrictions(restrictions);
  return {
    allowedModels: compiled.allowedModels && new Set(compiled.allowedModels),
    expiresAt: compiled.expiresAt,
    denied: compiled.unknown || Number.isFinite(compiled.maxOfflineSeconds),
  };
}

function keep(pool: AccessPool, json: string, access: KeyAccess): KeyAccess {
  if (json.length > POOLED_CHARACTERS) return access;
  if (pool.size >= POOLED) pool.clear();
  pool.set(json, access);
  return access;
}
