import type { Insertable, Selectable, Updateable } from 'kysely';
import type { AgentTokensTable } from '../../db/schema/configuration.ts';
import type { DatabaseTransaction } from '../../db/transactions.ts';

export type AgentTokenRow = Selectable<AgentTokensTable>;

/** A token that is not revoked. */
export function selectAgentToken(transaction: DatabaseTransaction, organizationId: string, id: string) {
  return transaction
    .selectFrom('agent_tokens')
    .selectAll()
    .where('org_id', '=', organizationId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
}

export function selectAgentTokens(
  transaction: DatabaseTransaction,
  organizationId: string,
  page: { after: string | undefined; limit: number },
) {
  let query = transaction
    .selectFrom('agent_tokens')
    .selectAll()
    .where('org_id', '=', organizationId)
    .where('revoked_at', 'is', null);
  if (page.after) query = query.where('id', '>', page.after);
  return query.orderBy('id').limit(page.limit).execute();
}

export function insertAgentToken(transaction: DatabaseTransaction, row: Insertable<AgentTokensTable>) {
  return transaction.insertInto('agent_tokens').values(row).returningAll().executeTakeFirstOrThrow();
}

export function updateAgentTokenRow(
  transaction: DatabaseTransaction,
  organizationId: string,
  id: string,
  values: Updateable<AgentTokensTable>,
) {
  return transaction
    .updateTable('agent_tokens')
    .set(values)
    .where('org_id', '=', organizationId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}
