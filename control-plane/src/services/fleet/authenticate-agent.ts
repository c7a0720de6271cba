import { parseAgentToken, sha256 } from '@bonito/protocol';
import type { Database } from '../../db/transactions.ts';
import { createBoundedCache } from '../../snapshots/bounded-cache.ts';
import { type LiveAgentToken, liveAgentTokens } from './agent-tokens.queries.ts';

/** Which token an agent showed. */
export interface AgentIdentity {
  organizationId: string;
  tokenId: string;
  /** The generation of the token that was shown. */
  generation: number;
  /** The token's newest generation, which is higher while it is being rotated. */
  newestGeneration: number;
}

/** Tells whose agent token a request carries. */
export interface AgentAuthenticator {
  /** Undefined for a token that is malformed, unknown or revoked. */
  identify(authorization: string | undefined): Promise<AgentIdentity | undefined>;
  /** Forgets what is remembered of an organization, so that a revocation counts at once. */
  forget(organizationId: string): void;
}

/** How long a replica that heard nothing goes on believing a token, in milliseconds. */
export const REMEMBERED_MILLISECONDS = 1_000;
/** How soon a token that is not among the remembered ones is looked for again, in milliseconds: it may be new. */
const LOOKED_AGAIN_MILLISECONDS = 100;
const REMEMBERED_ORGANIZATIONS = 20_000;

interface Remembered {
  readAt: number;
  tokens: Promise<ReadonlyMap<string, AgentIdentity>>;
}

/** @param now milliseconds since 1970 */
export function createAgentAuthenticator(database: Database, now: () => number): AgentAuthenticator {
  const cache = createBoundedCache<Remembered>(REMEMBERED_ORGANIZATIONS);

  function tokensOf(organizationId: string, age: number): Promise<ReadonlyMap<string, AgentIdentity>> {
    const remembered = cache.get(organizationId);
    if (remembered && now() - remembered.readAt < age) return remembered.tokens;
    const tokens = liveAgentTokens(database, organizationId).then((rows) => byHash(organizationId, rows));
    const entry = { readAt: now(), tokens };
    cache.set(organizationId, entry);
    tokens.catch(() => {
      if (cache.get(organizationId) === entry) cache.delete(organizationId);
    });
    return tokens;
  }

  return {
    async identify(authorization) {
      const text = /^Bearer (bt-[A-Za-z0-9_-]{1,200})$/i.exec(authorization ?? '')?.[1];
      const token = text ? parseAgentToken(text) : undefined;
      if (!text || !token) return undefined;
      // Compared as hashes of 256 random bits, so that the time of the look-up tells nothing.
      const hash = sha256(text);
      const remembered = (await tokensOf(token.organization, REMEMBERED_MILLISECONDS)).get(hash);
      if (remembered) return remembered;
      return (await tokensOf(token.organization, LOOKED_AGAIN_MILLISECONDS)).get(hash);
    },
    forget: (organizationId) => cache.delete(organizationId),
  };
}

function byHash(organizationId: string, rows: readonly LiveAgentToken[]): ReadonlyMap<string, AgentIdentity> {
  const identities = new Map<string, AgentIdentity>();
  for (const row of rows) {
    const identity = { organizationId, tokenId: row.id, newestGeneration: row.generation };
    if (row.previous_sha256)
      identities.set(row.previous_sha256, { ...identity, generation: row.generation - 1 });
    identities.set(row.sha256, { ...identity, generation: row.generation });
  }
  return identities;
}
