import { z } from 'zod';

const state = z.record(z.string(), z.unknown()).nullable();

export const auditEntrySchema = z
  .object({
    id: z.string(),
    occurred_at: z.iso.datetime(),
    actor: z.string().meta({ description: '`admin_token:<id>`, `platform_token:<id>` or `system:<part>`' }),
    action: z.string().meta({ example: 'provider.updated' }),
    object_type: z.string(),
    object_id: z.string(),
    before: state,
    after: state,
    request_id: z.string().nullable(),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof auditEntrySchema>;
