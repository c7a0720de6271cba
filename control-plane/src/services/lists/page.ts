import { idSchema } from '@bonito/protocol';
import { z } from 'zod';
import { ServiceError } from '../service-error.ts';

const DEFAULT_LIMIT = 50;
const MOST = 200;

/** The query of every list. */
export const pageQuerySchema = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MOST)
    .default(DEFAULT_LIMIT)
    .meta({ description: 'How many at most' }),
  cursor: z.string().max(200).optional().meta({ description: 'The `next_cursor` of the page before' }),
});
export type PageQuery = z.output<typeof pageQuerySchema>;

/** The answer of every list. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({
    data: z.array(item),
    next_cursor: z.string().nullable().meta({ description: 'Null on the last page' }),
  });
}

export interface Page<Item> {
  data: Item[];
  next_cursor: string | null;
}

/** What a list's query is asked for: one row more than shown, so that the last page is known as such. */
export function readPageQuery(query: PageQuery): { after: string | undefined; limit: number } {
  return {
    after: query.cursor === undefined ? undefined : parseCursor(query.cursor),
    limit: query.limit + 1,
  };
}

/** Makes a page of rows that were asked for with `readPageQuery`. */
export function toPage<Row extends { id: string }, Item>(
  rows: readonly Row[],
  query: PageQuery,
  present: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  return {
    data: shown.map(present),
    next_cursor: rows.length > query.limit && last ? formatCursor(last.id) : null,
  };
}

function formatCursor(id: string): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}

function parseCursor(cursor: string): string {
  const hex = Buffer.from(cursor, 'base64url').toString('hex');
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  if (!idSchema.safeParse(id).success || formatCursor(id) !== cursor) {
    throw new ServiceError('invalid_request', 'the cursor is not one that a list answered with', [
      { path: 'cursor', message: 'not a cursor' },
    ]);
  }
  return id;
}
