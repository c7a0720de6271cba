import { auditEntrySchema } from '../../../services/audit-log/audit-log.schemas.ts';
import { listAuditLog } from '../../../services/audit-log/list.ts';
import { pageQuerySchema, pageSchema } from '../../../services/lists/page.ts';
import { defineRoute } from '../../define-route.ts';

export const listAuditLogRoute = defineRoute({
  method: 'get',
  path: '/api/audit-log',
  tag: 'Audit log',
  summary: 'List what was changed, the newest first',
  query: pageQuerySchema,
  answer: pageSchema(auditEntrySchema),
  run: (context, { query }) => listAuditLog(context, query),
});
