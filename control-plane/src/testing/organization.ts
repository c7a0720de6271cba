import { newId } from '@bonito/protocol';
import { type Database, tenantTransaction } from '../db/transactions.ts';

/** Makes an organization of a suite's own, with nothing in it, and answers its id. */
export async function createTestOrganization(db: Database): Promise<string> {
  const id = newId();
  const now = new Date();
  await tenantTransaction(db, id, async (transaction) => {
    await transaction
      .insertInto('organizations')
      .values({
        id,
        name: `Test ${id}`,
        slug: `test-${id}`,
        metadata: '{}',
        created_at: now,
        updated_at: now,
      })
      .execute();
  });
  return id;
}
