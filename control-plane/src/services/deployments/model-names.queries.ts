import type { DatabaseTransaction } from '../../db/transactions.ts';

/** What a model name stands for. */
export type NamedThing = { deployment_id: string } | { route_id: string };

/** Takes a name for a deployment or a route; its primary key refuses a name that is taken. */
export async function takeModelName(
  transaction: DatabaseTransaction,
  organizationId: string,
  name: string,
  thing: NamedThing,
): Promise<void> {
  await transaction
    .insertInto('model_names')
    .values({ org_id: organizationId, name, ...thing })
    .execute();
}

/** Gives the name of a deployment or a route back. */
export async function releaseModelName(
  transaction: DatabaseTransaction,
  organizationId: string,
  name: string,
): Promise<void> {
  await transaction
    .deleteFrom('model_names')
    .where('org_id', '=', organizationId)
    .where('name', '=', name)
    .execute();
}

/** Renames, where the name changed. */
export async function changeModelName(
  transaction: DatabaseTransaction,
  organizationId: string,
  before: string,
  after: string,
): Promise<void> {
  if (before === after) return;
  await transaction
    .updateTable('model_names')
    .set({ name: after })
    .where('org_id', '=', organizationId)
    .where('name', '=', before)
    .execute();
}
