import { z } from 'zod';
import { idSchema } from '../ids.ts';

/** Limits of one batch. */
export const INGEST_LIMITS = { bodyBytes: 16 * 1024 * 1024, records: 10_000 } as const;

/**
 * A batch of one stream's records, gzipped, to `POST /api/agent/ingest`. Records are numbered from 0 in their stream;
 * `records[i]` has the number `first_sequence + i`. Each is parsed on its own (`recordSchema`), so that one that is
 * invalid is quarantined and never blocks the rest.
 */
export const ingestRequestSchema = z.object({
  stream: idSchema,
  first_sequence: z.int().min(0),
  records: z.array(z.unknown()).max(INGEST_LIMITS.records),
});
export type IngestRequest = z.infer<typeof ingestRequestSchema>;

/** The answer: everything below `next_sequence` is settled for good and may be deleted. */
export const ingestAnswerSchema = z.object({
  next_sequence: z.int().min(0),
  /** Records of this batch that took effect now. */
  applied: z.int().min(0),
  /** Records of this batch that an earlier delivery had settled. */
  duplicates: z.int().min(0),
  /** Records of this batch that were put aside as invalid. */
  quarantined: z.int().min(0),
  /** Records that are missing between the mark before this batch and its first record. They are counted as lost. */
  lost: z.int().min(0),
});
export type IngestAnswer = z.infer<typeof ingestAnswerSchema>;
