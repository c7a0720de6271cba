import type { z } from 'zod';
import type { ServiceContext } from '../service-context.ts';
import type { AdminTokenResource, updateAdminTokenSchema } from './admin-tokens.schemas.ts';
import { changeAdminToken } from './change-admin-token.ts';

export function updateAdminToken(
  context: ServiceContext,
  id: string,
  input: z.output<typeof updateAdminTokenSchema>,
): Promise<AdminTokenResource> {
  return changeAdminToken(context, id, 'updated', () => input);
}
