import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { ownerTransaction } from '../db/transactions.ts';
import { describeOnEachDatabase } from '../testing/each-database.ts';
import { arrayLiteral } from './array-literal.ts';

describeOnEachDatabase('array literals', (suite) => {
  it('are read back as they were', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', '').toWellFormed()),
      fc.constantFrom('null', 'NULL', '', '{}', '"', '\\', 'a,b', ' x ', null),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 20 }), async (values) => {
        const read = await ownerTransaction(suite.open.database, async (transaction) => {
          const { rows } = await sql<{ value: string | null }>`
            select value
            from unnest(${arrayLiteral(values)}::text::text[]) with ordinality as t (value, place)
            order by place
          `.execute(transaction);
          return rows.map(({ value }) => value);
        });
        expect(read).toEqual(values);
      }),
      { numRuns: 50 },
    );
  });
});
