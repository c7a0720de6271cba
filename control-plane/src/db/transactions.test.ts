import { newId } from '@bonito/protocol';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { describeOnEachDatabase } from '../testing/each-database.ts';
import { createTestOrganization } from '../testing/organization.ts';
import { NestedTransactionError, tenantTransaction } from './transactions.ts';

describeOnEachDatabase('transactions', (suite) => {
  it('refuses a transaction inside another one, and allows one after it', async () => {
    const db = suite.open.database;
    const id = await createTestOrganization(db);
    const nested = tenantTransaction(db, id, () => tenantTransaction(db, id, async () => 1));
    await expect(nested).rejects.toBeInstanceOf(NestedTransactionError);

    let release: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let late: Promise<number> | undefined;
    await tenantTransaction(db, id, async () => {
      late = gate.then(() => tenantTransaction(db, id, async () => 2));
    });
    release?.();
    expect(await late).toBe(2);
  });

  it('forgets the tenant when it ends', async () => {
    const db = suite.open.database;
    const id = await createTestOrganization(db);
    await tenantTransaction(db, id, async () => {});
    const seen = await tenantTransaction(db, newId(), (transaction) =>
      transaction.selectFrom('organizations').select('id').execute(),
    );
    expect(seen).toEqual([]);
  });

  it('keeps nothing of a transaction that failed', async () => {
    const db = suite.open.database;
    const id = await createTestOrganization(db);
    const failed = tenantTransaction(db, id, async (transaction) => {
      await transaction.updateTable('organizations').set({ name: 'changed' }).execute();
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    const row = await tenantTransaction(db, id, (transaction) =>
      transaction.selectFrom('organizations').select('name').executeTakeFirstOrThrow(),
    );
    expect(row.name).not.toBe('changed');
  });

  it('reads 64-bit integers as numbers, and refuses one that would lose a digit', async () => {
    const read = (text: string) =>
      tenantTransaction(suite.open.database, newId(), async (transaction) => {
        const { rows } = await sql<{ value: number }>`select ${sql.raw(text)}::int8 as value`.execute(
          transaction,
        );
        return rows[0]?.value;
      });
    expect(await read('9007199254740991')).toBe(9_007_199_254_740_991);
    await expect(read('9007199254740993')).rejects.toThrow(/does not fit/);
    expect(await read('7')).toBe(7);
  });

  it('reads times as dates and JSON parsed, alike on both drivers', async () => {
    const row = await tenantTransaction(suite.open.database, newId(), async (transaction) => {
      const { rows } = await sql<{ time: Date; list: unknown; day: string }>`
        select ${new Date('2026-11-21T08:00:00.123Z')}::timestamptz as time, ${JSON.stringify(['a'])}::jsonb as list
      `.execute(transaction);
      return rows[0];
    });
    expect(row).toEqual({ time: new Date('2026-11-21T08:00:00.123Z'), list: ['a'] });
  });
});
