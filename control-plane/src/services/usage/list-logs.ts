import {
  idSchema,
  inputTokens,
  type Outcome,
  outputTokens,
  TOKEN_CLASSES,
  type TokenCounts,
  UNIT_CLASSES,
  type UnitClass,
} from '@bonito/protocol';
import { tenantTransaction } from '../../db/transactions.ts';
import type { Page } from '../lists/page.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { type LoggedAttempt, type LoggedRequest, selectAttempts, selectLogs } from './logs.queries.ts';
import type { LogRow, LogsQuery } from './usage.schemas.ts';

const OUTCOMES_OF: Record<LogRow['status'], readonly Outcome[]> = {
  success: ['success'],
  error: ['error', 'unknown'],
  cancelled: ['cancelled'],
};

/**
 * A page of requests, newest first, with their attempts.
 *
 * @throws ServiceError `invalid_request` for a span that is empty, or a cursor that no page answered with
 */
export async function listLogs(context: ServiceContext, query: LogsQuery): Promise<Page<LogRow>> {
  const { organizationId } = context;
  const from = query.from ? new Date(query.from) : undefined;
  const to = query.to ? new Date(query.to) : undefined;
  if (from && to && from >= to) {
    throw new ServiceError('invalid_request', '"from" must be before "to"', [
      { path: 'from', message: 'must be before "to"' },
    ]);
  }
  return tenantTransaction(context.db, organizationId, async (transaction) => {
    const rows = await selectLogs(transaction, {
      organizationId,
      outcomes: query.status && OUTCOMES_OF[query.status],
      model: query.model,
      provider: query.provider,
      keyId: query.key_id,
      requestId: query.request_id,
      from,
      to,
      before: query.cursor === undefined ? undefined : parseCursor(query.cursor),
      limit: query.limit + 1,
    });
    const shown = rows.slice(0, query.limit);
    const attempts = Map.groupBy(
      await selectAttempts(transaction, organizationId, shown),
      (attempt) => attempt.request_record_id,
    );
    const last = shown.at(-1);
    return {
      data: shown.map((row) => presentRow(row, attempts.get(row.id) ?? [])),
      next_cursor: rows.length > query.limit && last ? formatCursor(last) : null,
    };
  });
}

function presentRow(row: LoggedRequest, attempts: readonly LoggedAttempt[]): LogRow {
  return {
    id: row.id,
    request_id: row.request_id,
    occurred_at: row.occurred_at.toISOString(),
    status: row.outcome === 'unknown' ? 'error' : row.outcome,
    error_code: row.outcome === 'unknown' ? 'unknown' : row.error_code,
    http_status: row.status,
    key_id: row.key_id,
    key: row.key,
    model_requested: row.model_requested ?? 'unrecognized',
    model_used: row.model_used,
    route: row.route,
    provider: row.provider,
    provider_id: row.provider_id,
    surface: row.surface,
    stream: row.stream,
    ...tokenSums(row),
    cost_nanos: row.unpriced_attempts ? null : row.cost_nanos,
    latency_ms: row.latency_ms,
    time_to_first_token_ms: row.time_to_first_token_ms,
    attempts: row.attempts,
    attempts_detail: attempts.map((attempt) => ({
      provider: attempt.provider,
      model: attempt.model,
      outcome: attempt.outcome,
      http_status: attempt.status,
      error_code: attempt.error_code,
      ...tokenSums(attempt),
      units: unitsOf(attempt),
      quality: attempt.quality,
      cost_nanos: attempt.unpriced ? null : attempt.cost_nanos,
      price_revision: attempt.price_revision,
      latency_ms: attempt.latency_ms,
    })),
    cache: row.cache,
    config: { epoch: row.config_epoch, revision: row.config_revision },
    source: row.source,
  };
}

function tokenSums(row: LoggedRequest | LoggedAttempt): { input_tokens: number; output_tokens: number } {
  const counts: TokenCounts = Object.fromEntries(
    TOKEN_CLASSES.map((name) => [name, row[`tokens_${name}`] ?? 0]),
  );
  return { input_tokens: inputTokens(counts), output_tokens: outputTokens(counts) };
}

function unitsOf(attempt: LoggedAttempt): { [Class in UnitClass]?: number } {
  return Object.fromEntries(
    UNIT_CLASSES.flatMap((name) => (attempt[`units_${name}`] ? [[name, attempt[`units_${name}`]]] : [])),
  );
}

function formatCursor(row: { occurred_at: Date; id: string }): string {
  return Buffer.from(`${row.occurred_at.getTime()} ${row.id}`).toString('base64url');
}

function parseCursor(cursor: string): { occurredAt: Date; id: string } {
  const [time, id] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ', 2);
  if (/^[0-9]{1,14}$/.test(time ?? '') && idSchema.safeParse(id).success) {
    return { occurredAt: new Date(Number(time)), id: id ?? '' };
  }
  throw new ServiceError('invalid_request', 'the cursor is not one that a list answered with', [
    { path: 'cursor', message: 'not a cursor' },
  ]);
}
