import type { KeyTable } from './key-table.ts';
import type { CompiledModel, Principal } from './snapshot.ts';

/** A shard's keys as callers. Principals are made when a key is first used, and then stay the same objects. */
export interface ResolvedKeys {
  readonly table: KeyTable;
  principal(sha256: string): Principal | undefined;
}

/**
 * Binds a shard's keys to the routes.
 *
 * @param before the same table with other routes: keys without a route stay the objects that they were
 */
export function resolveKeys(
  table: KeyTable,
  routesById: ReadonlyMap<string, CompiledModel>,
  before?: FreePrincipals,
): ResolvedKeys & FreePrincipals {
  const free = before?.free ?? new Map<number, Principal>();
  const bound = new Map<number, Principal>();
  const make = (row: number): Principal => {
    const routeId = table.routeId(row);
    const boundRoute = routeId === undefined ? undefined : routesById.get(routeId);
    const { allowedModels, expiresAt, denied } = table.access(row);
    return {
      keyId: table.keyId(row),
      teamId: table.teamId(row) ?? null,
      boundRoute,
      boundRouteMissing: routeId !== undefined && boundRoute === undefined,
      allowedModels,
      expiresAt,
      denied,
    };
  };
  return {
    table,
    free,
    principal(sha256) {
      const row = table.find(sha256);
      if (row === undefined) return undefined;
      const made = table.routeId(row) === undefined ? free : bound;
      let principal = made.get(row);
      if (!principal) {
        principal = make(row);
        made.set(row, principal);
      }
      return principal;
    },
  };
}

interface FreePrincipals {
  /** Those of keys without a route that were used, by row. At most as many as there are keys. */
  readonly free: Map<number, Principal>;
}
