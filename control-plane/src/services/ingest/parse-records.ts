import {
  type AgentRecord,
  auditRecordSchema,
  modelsDiscoveredRecordSchema,
  USAGE_CLASSES,
  usageRecordSchema,
  usageRollupRecordSchema,
} from '@bonito/protocol';
import { z } from 'zod';
import type { ParsedRecord } from '../../ledger/apply-batch.ts';

/** The members of `recordSchema` by kind, so that what is wrong with a record is told of its own kind. */
const SCHEMAS = {
  usage: usageRecordSchema,
  usage_rollup: usageRollupRecordSchema,
  audit: auditRecordSchema,
  models_discovered: modelsDiscoveredRecordSchema,
} as const;

/** Field names that may be repeated in a quarantine entry. Any other could be text that somebody wrote. */
const FIELDS = new Set<string>([
  ...Object.values(SCHEMAS).flatMap((schema) => Object.keys(schema.shape)),
  ...Object.keys(usageRecordSchema.shape.attempts.element.shape),
  ...Object.keys(usageRecordSchema.shape.config.shape),
  ...USAGE_CLASSES,
]);

/** Times that the database can hold and a person could mean. */
const EARLIEST = '1970-01-01T00:00:00.000Z';
const LATEST = '2200-01-01T00:00:00.000Z';

/** Reads one record of an agent. Never throws; what is wrong is told by place and code alone. */
export function parseRecord(sequence: number, value: unknown): ParsedRecord {
  const invalid = (path: string, code: string): ParsedRecord => ({ sequence, invalid: { path, code } });
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  if (typeof kind !== 'string' || !Object.hasOwn(SCHEMAS, kind)) return invalid('kind', 'invalid_value');
  const parsed = SCHEMAS[kind as keyof typeof SCHEMAS].safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return invalid(safePath(issue?.path ?? []), issue?.code ?? 'custom');
  }
  const record: AgentRecord = parsed.data;
  const [field, time] =
    record.kind === 'usage_rollup' ? ['hour', record.hour] : ['occurred_at', record.occurred_at];
  if (time < EARLIEST || time >= LATEST) return invalid(field, 'out_of_range');
  if (record.kind === 'usage') {
    for (const attempt of record.attempts) {
      if (!PRICE_REVISION.test(attempt.price_revision)) attempt.price_revision = 'other';
    }
  }
  return { sequence, record };
}

const PRICE_REVISION = /^[A-Za-z0-9._:-]{1,64}$/;

function safePath(path: readonly PropertyKey[]): string {
  return z.core.toDotPath(
    path.map((part) => (typeof part === 'number' || FIELDS.has(String(part)) ? part : '*')),
  );
}

/** How long records are read before others get their turn, in milliseconds. */
const SLICE_MILLISECONDS = 5;
const RECORDS_BETWEEN_LOOKS = 32;

/**
 * Reads a batch in slices, so that ten thousand records do not hold up everyone else.
 *
 * @param pause gives way to other work
 */
export async function parseRecords(
  firstSequence: number,
  values: readonly unknown[],
  pause: () => Promise<void>,
): Promise<ParsedRecord[]> {
  const records: ParsedRecord[] = [];
  let sliceEnd = performance.now() + SLICE_MILLISECONDS;
  for (const [index, value] of values.entries()) {
    if (index % RECORDS_BETWEEN_LOOKS === 0 && performance.now() > sliceEnd) {
      await pause();
      sliceEnd = performance.now() + SLICE_MILLISECONDS;
    }
    records.push(parseRecord(firstSequence + index, value));
  }
  return records;
}
