import { newId } from '@bonito/protocol';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { describeOnEachDatabase } from '../testing/each-database.ts';
import { notify } from './listen.ts';
import { ownerTransaction, tenantTransaction } from './transactions.ts';

describeOnEachDatabase('notifications', (suite) => {
  const send = (channel: string, payload: string) =>
    tenantTransaction(suite.open.database, newId(), (transaction) => notify(transaction, channel, payload));

  /** Collects payloads, and waits for them without a clock. */
  function inbox() {
    const seen: string[] = [];
    let wake = () => {};
    return {
      seen,
      receive: (payload: string) => {
        seen.push(payload);
        wake();
      },
      until: async (payload: string) => {
        while (!seen.includes(payload)) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
    };
  }

  it('arrive after the commit, on their channel, until nobody listens', async () => {
    const { listener, database } = suite.open;
    const [first, second] = [inbox(), inbox()];
    const stopFirst = await listener.listen('channel_a', first.receive);
    const stopSecond = await listener.listen('channel_a', second.receive);
    await send('channel_b', 'elsewhere');
    await tenantTransaction(database, newId(), async (transaction) => {
      await notify(transaction, 'channel_a', 'taken back');
      throw new Error('no');
    }).catch(() => {});
    await send('channel_a', 'one');
    await Promise.all([first.until('one'), second.until('one')]);
    await stopFirst();
    await send('channel_a', 'two');
    await second.until('two');
    await stopSecond();
    expect(first.seen).toEqual(['one']);
    expect(second.seen).toEqual(['one', 'two']);
  });

  it('are heard again after the listening connection broke', async () => {
    if (suite.kind === 'pglite') return;
    const box = inbox();
    const stop = await suite.open.listener.listen('channel_c', box.receive);
    await ownerTransaction(suite.open.database, async (transaction) => {
      await sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query like 'listen%' and pid <> pg_backend_pid()
      `.execute(transaction);
    });
    const repeat = setInterval(() => void send('channel_c', 'again'), 50);
    await box.until('again');
    clearInterval(repeat);
    await stop();
  });
});
