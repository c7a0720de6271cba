import { idSchema } from '@bonito/protocol';
import { z } from 'zod';

/** `/api/orgs/{id}/…` */
export const organizationParamsSchema = z.object({ id: idSchema });

/** `/api/orgs/{id}/tokens/{token_id}` */
export const tokenParamsSchema = z.object({ id: idSchema, token_id: idSchema });
