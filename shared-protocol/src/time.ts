import { z } from 'zod';

/** A point in time on the wire: ISO 8601 in UTC with milliseconds, `2026-11-21T08:00:00.000Z`. */
export const timestampSchema = z.iso.datetime({ precision: 3 });

/** Writes milliseconds since 1970 as they stand on the wire. */
export function formatTimestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
