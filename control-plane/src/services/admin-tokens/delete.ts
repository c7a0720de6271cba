import type { ServiceContext } from '../service-context.ts';
import { changeAdminToken } from './change-admin-token.ts';

/** Revokes an administrator's token, now. */
export async function deleteAdminToken(context: ServiceContext, id: string): Promise<void> {
  await changeAdminToken(context, id, 'revoked', (_, now) => ({ revoked_at: now }));
}
